import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useServices } from '../../services'
import { attempt } from '../lesson/room/attempt'

const LONGEST = 120

/** For who leads while it is recorded: what begins now gets a name on the time line. */
export function MarkChapter({ roomId }: { roomId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [title, setTitle] = useState('')
  const [busy, setBusy] = useState(false)
  const mark = async (event: FormEvent) => {
    event.preventDefault()
    if (!title.trim()) return
    setBusy(true)
    if (await attempt(api.markChapter(roomId, title))) {
      setTitle('')
      notifications.show({ message: t('playback.mark.done') })
    }
    setBusy(false)
  }
  return (
    <form onSubmit={(event) => void mark(event)} data-mark>
      <TextInput
        mt="sm"
        size="sm"
        label={t('playback.mark.label')}
        placeholder={t('playback.mark.hint')}
        maxLength={LONGEST}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Button mt="xs" size="sm" variant="default" type="submit" disabled={busy || !title.trim()}>
        {t('playback.mark.mark')}
      </Button>
    </form>
  )
}
