// A signature drawn with a finger: <div data-sign="#id"> with a <canvas> and a button [data-sign-again]; the hidden
// field #id gets the drawing as a PNG. What was drawn stays when the page comes back with a word to correct.
const SHARP = 2; // points of the drawing for each of the screen

function start(box: HTMLElement, canvas: HTMLCanvasElement, field: HTMLInputElement): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const clear = (): void => {
    canvas.width = canvas.clientWidth * SHARP;
    canvas.height = canvas.clientHeight * SHARP;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = "#111";
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
  };
  const at = (event: PointerEvent): [number, number] => [event.offsetX * SHARP, event.offsetY * SHARP];
  let down = false;
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  const lift = (): void => {
    if (!down) return;
    down = false;
    field.value = canvas.toDataURL("image/png");
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  box.querySelector("[data-sign-again]")?.addEventListener("click", () => {
    field.value = "";
    clear();
  });
  clear();
  void restore(field.value, pen);
}

/** Draws what the field holds; the policy lets no data: address be loaded, so its bytes are read here. */
async function restore(value: string, pen: CanvasRenderingContext2D): Promise<void> {
  const [, encoded] = value.split(",", 2);
  if (!encoded) return;
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  pen.drawImage(picture, 0, 0);
}

/** Makes the canvas of this box ready to be written on. */
export function sign(box: HTMLElement): void {
  const canvas = box.querySelector("canvas");
  const field = document.querySelector<HTMLInputElement>(box.dataset["sign"] ?? "");
  if (canvas && field) start(box, canvas, field);
}
