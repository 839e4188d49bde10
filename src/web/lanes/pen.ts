// What lanes draw with: the part of a canvas's context that they use, so that the same lane can be drawn as SVG.

export type Pen = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'closePath'
  | 'rect'
  | 'stroke'
  | 'fill'
  | 'fillRect'
  | 'fillText'
  | 'save'
  | 'restore'
  | 'clip'
  | 'setLineDash'
  | 'strokeStyle'
  | 'fillStyle'
  | 'lineWidth'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
  | 'imageSmoothingEnabled'
> & {
  drawImage(
    image: HTMLCanvasElement,
    sx: number,
    sy: number,
    sw: number,
    sh: number,
    dx: number,
    dy: number,
    dw: number,
    dh: number,
  ): void;
};

/** The first line of `pen.ts`'s SVG twin is opened by `svgOpen`, closed by `text`. */
export class SvgPen implements Pen {
  strokeStyle = '#000';
  fillStyle = '#000';
  lineWidth = 1;
  globalAlpha = 1;
  font = '12px sans-serif';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  imageSmoothingEnabled = true;
  readonly #parts: string[] = [];
  readonly #states: { readonly alpha: number; readonly dash: string; groups: number }[] = [];
  #path = '';
  #dash = '';
  #clips = 0;

  /** Everything drawn, moved by (x, y). */
  group(x: number, y: number, draw: () => void): void {
    this.#parts.push(`<g transform="translate(${round(x)} ${round(y)})">`);
    draw();
    this.#parts.push('</g>');
  }

  markup(): string {
    return this.#parts.join('\n');
  }

  beginPath(): void {
    this.#path = '';
  }
  moveTo(x: number, y: number): void {
    this.#path += `M${round(x)} ${round(y)}`;
  }
  lineTo(x: number, y: number): void {
    this.#path += `L${round(x)} ${round(y)}`;
  }
  closePath(): void {
    this.#path += 'Z';
  }
  rect(x: number, y: number, w: number, h: number): void {
    this.#path += `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}Z`;
  }
  setLineDash(dash: Iterable<number>): void {
    this.#dash = [...dash].join(' ');
  }
  stroke(): void {
    const dash = this.#dash === '' ? '' : ` stroke-dasharray="${this.#dash}"`;
    this.#parts.push(
      `<path d="${this.#path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}"${dash}${this.#opacity()}/>`,
    );
  }
  fill(): void {
    this.#parts.push(`<path d="${this.#path}" fill="${this.fillStyle}"${this.#opacity()}/>`);
  }
  fillRect(x: number, y: number, w: number, h: number): void {
    this.#parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${this.fillStyle}"${this.#opacity()}/>`,
    );
  }
  fillText(text: string, x: number, y: number): void {
    const anchors: Partial<Record<CanvasTextAlign, string>> = { center: 'middle', right: 'end', end: 'end' };
    const size = /(\d+)px/.exec(this.font)?.[1] ?? '12';
    const weight = /^(\d{3}|bold)/.exec(this.font)?.[1] ?? '400';
    const dy = this.textBaseline === 'middle' ? 0.35 : this.textBaseline === 'top' ? 0.8 : 0;
    this.#parts.push(
      `<text x="${round(x)}" y="${round(y)}" dy="${dy}em" font-family="system-ui, sans-serif" font-size="${size}" ` +
        `font-weight="${weight}" text-anchor="${anchors[this.textAlign] ?? 'start'}" fill="${this.fillStyle}"${this.#opacity()}>${escaped(text)}</text>`,
    );
  }
  drawImage(image: HTMLCanvasElement, ...place: number[]): void {
    const [sx, sy, sw, sh, dx, dy, dw, dh] = place;
    const [kx, ky] = [dw / sw, dh / sh];
    // Only a part of the image is wanted: it lies larger behind a window.
    this.#parts.push(
      `<svg x="${round(dx)}" y="${round(dy)}" width="${round(dw)}" height="${round(dh)}" overflow="hidden">` +
        `<image href="${image.toDataURL()}" x="${round(-sx * kx)}" y="${round(-sy * ky)}" width="${round(image.width * kx)}" ` +
        `height="${round(image.height * ky)}" preserveAspectRatio="none"${this.imageSmoothingEnabled ? '' : ' style="image-rendering:pixelated"'}/></svg>`,
    );
  }
  save(): void {
    this.#states.push({ alpha: this.globalAlpha, dash: this.#dash, groups: 0 });
  }
  clip(): void {
    const id = `clip${this.#clips++}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path}"/></clipPath><g clip-path="url(#${id})">`);
    const state = this.#states.at(-1);
    if (state) state.groups++;
  }
  restore(): void {
    const state = this.#states.pop();
    if (!state) return;
    this.globalAlpha = state.alpha;
    this.#dash = state.dash;
    this.#parts.push('</g>'.repeat(state.groups));
  }

  #opacity(): string {
    return this.globalAlpha === 1 ? '' : ` opacity="${round(this.globalAlpha)}"`;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
