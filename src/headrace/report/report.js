"use strict";
// Receipts open by their address alone (:target). This adds Escape, focus, and the figure from which one was opened.
(() => {
  let opener = null;
  const isReceipt = () => location.hash.startsWith("#receipt-");
  document.addEventListener("click", (event) => {
    const figure = event.target.closest("a.figure");
    if (figure && !figure.closest(".receipt")) opener = figure;
  });
  const shown = () => {
    if (!isReceipt()) return;
    const panel = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!panel) return;
    const fold = panel.closest("details");
    if (fold) {
      fold.open = true;
      panel.scrollIntoView();
    }
    const line = panel.querySelector(".opened");
    if (line) {
      const same = opener && opener.dataset.receipt === panel.dataset.receipt;
      line.hidden = !same;
      line.textContent = same ? `Opened from: ${opener.dataset.of}: ${opener.innerText.replace(/\s+/g, " ").trim()}` : "";
    }
    panel.focus({ preventScroll: true });
  };
  addEventListener("hashchange", () => {
    if (isReceipt()) shown();
    else if (opener) opener.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isReceipt()) location.hash = "closed";
  });
  shown();
})();
