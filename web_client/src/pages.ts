/** Pages that many open first. */
export const pages = {
  today: () => import('./features/today/View'),
  shell: () => import('./features/shell/View'),
  lesson: () => import('./features/lesson/Page'),
  recording: () => import('./features/playback/Page'),
}

export const isSitting = (path: string) => /^\/sittings\/[^/]+$/.test(path)

export const isLesson = (path: string) => /^\/lessons\/[^/]+$/.test(path)

/** The page that an address leads to comes while the server is asked who we are. */
export function fetchPage(path: string): void {
  if (!isLesson(path)) void pages.shell()
  if (path === '/') void pages.today()
  else if (isLesson(path)) void pages.lesson()
  else if (/^\/recordings\/[^/]+$/.test(path)) void pages.recording()
}
