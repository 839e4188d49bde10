// What the server, or the static folder, says about itself: `site.json`.

export interface SiteClip {
  readonly name: string;
  readonly title: string;
  readonly group?: string;
  /** Addresses, relative to the page: the sound file, and the clip as it was scored (see page_data.ts), if it was. */
  readonly sound: string;
  readonly data?: string;
}

export interface Site {
  readonly version: string;
  /** What scores: its name. */
  readonly model: string;
  /** Where the browser finds the model to score with it here; absent: the server scores. */
  readonly folder?: string;
  readonly clips: readonly SiteClip[];
  /** A study's table, where one was opened. */
  readonly study?: {
    readonly name: string;
    readonly table: string;
    /** Which score hears which damage, where the study asked. */
    readonly battery?: string;
    /** Its report, where one was written. */
    readonly report?: string;
    /** Address of a cell: this, its key, `.lsv`. */
    readonly cells: string;
  };
}

export async function fetchSite(): Promise<Site> {
  return (await get('site.json')).json();
}

export async function get(address: string): Promise<Response> {
  const response = await fetch(address);
  if (response.ok) return response;
  const why = (await response.text()).split('\n')[0].slice(0, 300);
  throw new Error(why || `${address}: the server answers ${response.status}`);
}
