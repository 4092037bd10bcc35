"use strict";

const apc = new URLSearchParams(location.search).get("apc");
const DOCUMENTS = {
  CodeEntryViewQuery: "34414353874878894",
  ChallengePickerViewQuery: "26777000331897324",
  TryAnotherWay: "9378248908953318",
  SelectChallenge: "9771607989592788",
  SubmitCode: "25017097917894476",
  SendCodeAgain: "29612122925068775",
};

async function operation(name, variables = {}) {
  const token = cookie("csrftoken");
  const answer = await fetch("/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-csrftoken": token,
      "x-ig-app-id": document.body.dataset.appId,
      "x-fb-friendly-name": name,
      "x-requested-with": "XMLHttpRequest",
    },
    body: new URLSearchParams({
      fb_api_req_friendly_name: name,
      doc_id: DOCUMENTS[name],
      variables: JSON.stringify({ apc, ...variables }),
      jazoest: jazoest(token),
    }),
  });
  const told = await answer.json();
  return told.data ? Object.values(told.data)[0] : { error_style: "INLINE", error_message: told.message };
}
