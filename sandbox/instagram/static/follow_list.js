"use strict";

(() => {
  const given = JSON.parse(document.getElementById("follow-list").textContent);
  const name = "usePolarisGetFollowListQuery";

  async function pageOf(isFollowerList, after) {
    const variables = {
      userID: given.user_id, count: 12, first: 12, after, before: null, last: null, query: "", isFollowerList,
    };
    const answer = await fetch("/graphql/query", {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-csrftoken": cookie("csrftoken"),
        "x-ig-app-id": given.app_id,
        "x-asbd-id": "359341",
        "x-fb-friendly-name": name,
        "x-fb-lsd": given.l,
        "x-requested-with": "XMLHttpRequest",
      },
      body: new URLSearchParams({
        av: given.user_id, __d: "www", __user: "0", __a: "1", __comet_req: "7", fb_dtsg: given.f,
        jazoest: jazoest(given.f), lsd: given.l, fb_api_caller_class: "RelayModern", fb_api_req_friendly_name: name,
        variables: JSON.stringify(variables), server_timestamps: "true", doc_id: given.doc_id,
      }),
    });
    const text = (await answer.text()).replace(/^for \(;;\);/, "").split("\n")[0];
    return Object.values(JSON.parse(text).data)[0];
  }

  function open(isFollowerList) {
    const dialog = document.createElement("div");
    dialog.setAttribute("role", "dialog");
    dialog.setAttribute("aria-label", isFollowerList ? "Followers" : "Following");
    const rows = document.createElement("div");
    rows.style.cssText = "height: 240px; overflow-y: auto";
    dialog.append(rows);
    document.body.append(dialog);
    let after = null, loading = false, ended = false;

    async function load() {
      if (loading || ended) return;
      loading = true;
      try {
        const list = await pageOf(isFollowerList, after);
        for (const { node } of list.edges) {
          const row = document.createElement("div");
          row.style.height = "60px";
          row.textContent = node.username;
          rows.append(row);
        }
        after = list.page_info.end_cursor;
        ended = !list.page_info.has_next_page || !after;
      } catch (error) {
        ended = true;
      }
      loading = false;
    }

    rows.addEventListener("scroll", () => {
      if (rows.scrollTop + rows.clientHeight > rows.scrollHeight - 120) load();
    });
    load();
  }

  for (const which of ["followers", "following"]) {
    for (const link of document.querySelectorAll(`a[href$="/${which}/"]`)) {
      link.addEventListener("click", (event) => { event.preventDefault(); open(which === "followers"); });
    }
  }
})();
