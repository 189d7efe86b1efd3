import { notifications } from '@mantine/notifications'
import { explain } from '../../../base/errors'

/** Waits for a deed; what was refused is told over the page. Answers whether it was done. */
export async function attempt(deed: Promise<unknown>): Promise<boolean> {
  try {
    await deed
    return true
  } catch (error) {
    notifications.show({ message: explain(error), color: 'madder' })
    return false
  }
}
