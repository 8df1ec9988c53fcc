// A file box that takes a recording: data-voice="60" (seconds), data-most (bytes). The recording is put into the box,
// so that it travels with its form like any file. Without a microphone the box stays what it is.
import { each } from "./page";

class Voice {
  private recorder: MediaRecorder | null = null;
  private tick = 0;

  constructor(private readonly box: HTMLElement) {
    this.part("start").addEventListener("click", () => void this.begin());
    this.part("stop").addEventListener("click", () => this.end());
    this.part("again").addEventListener("click", () => this.put(null));
    this.file.addEventListener("change", () => this.put(this.file.files?.[0] ?? null));
    this.show("start");
  }

  private part(name: string): HTMLElement {
    return this.box.querySelector<HTMLElement>(`[data-voice-${name}]`)!;
  }

  private get file(): HTMLInputElement {
    return this.part("file") as HTMLInputElement;
  }

  private show(...names: string[]): void {
    for (const name of ["start", "stop", "done", "denied", "large", "file"]) this.part(name).hidden = !names.includes(name);
  }

  private async begin(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const pieces: Blob[] = [];
      const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 });
      recorder.ondataavailable = (event) => pieces.push(event.data);
      recorder.onstop = () => {
        stream.getTracks().forEach((one) => one.stop());
        const type = (recorder.mimeType || "audio/webm").split(";")[0]!;
        this.put(new File(pieces, "voice", { type }));
      };
      recorder.start();
      this.recorder = recorder;
      this.count(0);
      this.show("stop");
      this.part("stop").focus();
    } catch {
      this.show("denied", "file");
    }
  }

  private count(seconds: number): void {
    this.part("clock").textContent = String(seconds);
    if (seconds >= Number(this.box.dataset["voice"])) return this.end();
    this.tick = window.setTimeout(() => this.count(seconds + 1), 1000);
  }

  private end(): void {
    window.clearTimeout(this.tick);
    if (this.recorder?.state === "recording") this.recorder.stop();
  }

  private put(file: File | null): void {
    const held = new DataTransfer();
    const large = file !== null && file.size > Number(this.box.dataset["most"]);
    if (file && !large) held.items.add(file);
    this.file.files = held.files;
    const play = this.part("play") as HTMLAudioElement;
    if (play.src) URL.revokeObjectURL(play.src);
    if (!file || large) {
      play.removeAttribute("src");
      return large ? this.show("start", "large") : this.show("start");
    }
    play.src = URL.createObjectURL(file);
    return this.show("done");
  }
}

if ("MediaRecorder" in window && navigator.mediaDevices) {
  // A box that stays while its form comes back with mistakes is furnished once.
  const known = new WeakSet<HTMLElement>();
  each<HTMLElement>("[data-voice]", (box) => {
    if (!known.has(box)) new Voice(box);
    known.add(box);
  });
}
