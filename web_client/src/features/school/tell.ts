import { notifications } from '@mantine/notifications'

const ONE = 'school'

/** Says what was done, in the place of what was said last. */
export function tell(message: string): void {
  notifications.hide(ONE)
  notifications.show({ id: ONE, message })
}

/** Nothing said before stands over what is asked now. */
export function fallSilent(): void {
  notifications.hide(ONE)
}
