"use strict";

const LABELS = { EMAIL: "Email", SMS: "Text message", SOWA: "WhatsApp" };
const ways = document.getElementById("ways");

operation("ChallengePickerViewQuery").then((told) => {
  ways.replaceChildren(...told.challenges.map((way, place) => {
    const line = document.createElement("label");
    const choice = document.createElement("input");
    Object.assign(choice, { type: "radio", name: "way", value: way.challenge_name, checked: place === 0 });
    line.append(choice, ` ${LABELS[way.challenge_name]}: code to ${way.masked_contact_point}`);
    return line;
  }));
});

document.getElementById("continue").addEventListener("click", async () => {
  const challenge_name = ways.querySelector("input:checked")?.value;
  const told = await operation("SelectChallenge", { challenge_name });
  if (told.redirect_uri) location.assign(told.redirect_uri);
  else alertWith(told.error_message);
});
