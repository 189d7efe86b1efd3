import { Button, type ButtonProps } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { Icon } from './Icon'

export function lessonLink(lessonId: string): string {
  return `${location.origin}/lessons/${lessonId}`
}

/** Puts a lesson's link on the clipboard, or shows it where the browser forbids that. */
export async function copyLink(lessonId: string, copied: string): Promise<void> {
  const link = lessonLink(lessonId)
  try {
    await navigator.clipboard.writeText(link)
    notifications.show({ message: copied })
  } catch {
    notifications.show({ message: link, autoClose: false })
  }
}

export function CopyLink({ lessonId, ...look }: { lessonId: string } & ButtonProps) {
  const { t } = useTranslation()
  return (
    <Button
      variant="subtle"
      leftSection={<Icon name="link" size={18} />}
      onClick={() => void copyLink(lessonId, t('lesson.linkCopied'))}
      {...look}
    >
      {t('lesson.copyLink')}
    </Button>
  )
}
