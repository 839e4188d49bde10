// Shows an address in the user's browser.

import { spawn } from 'node:child_process';

const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** False when no browser could be started: the address must be opened by hand. */
export function openBrowser(address: string): Promise<boolean> {
  const [command, ...words] = COMMANDS[process.platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(command, [...words, address], { stdio: 'ignore', detached: true });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
    child.unref();
    // A browser that stays in the foreground has been started.
    setTimeout(() => resolve(true), 1500).unref();
  });
}
