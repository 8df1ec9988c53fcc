import { toast } from "./toast";

/** When the device's own dialog is closed or refuses, say so in our words and leave the page as it was. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const words = document.getElementById("passkey-words");
  toast(words?.dataset.failed ?? "", "bad");
});
