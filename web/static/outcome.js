// The page of a consent that led to no job: it tells the page that began it, and forgets its own address.
import { offerToClose, tell } from "./consent.js";

const outcome = document.querySelector("[data-outcome]");
history.replaceState(null, "", location.pathname);
tell({ outcome: outcome.dataset.outcome, sentence: outcome.dataset.sentence });
offerToClose(outcome);
