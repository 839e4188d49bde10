// The explorer's page starts here.

import { render } from 'preact';
import '../style.css';
import { watchTheme } from '../viewer/theme.js';
import { App } from './app.js';
import { fetchSite } from './site.js';

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('the page has no place for the explorer');
  watchTheme();
  try {
    render(<App site={await fetchSite()} />, root);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    render(<main class="empty">The explorer could not start: {why}</main>, root);
  }
}

void start();
