import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { LessonView } from '../../api/types'
import { timeOf } from '../../base/format'
import { useModel } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { lessonName } from '../../ui/lessonName'
import { remind } from './model'

/** Says in the page, some minutes before, that a lesson begins, unless the person wants no such word. */
export function Reminders() {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const { zone } = useMe()
  const [, go] = useLocation()
  useModel(
    (scope) => {
      const tell = (lesson: LessonView) => {
        const { first, second } = lessonName(lesson)
        notifications.show({
          title: t('reminders.soon', { time: timeOf(lesson.starts_at, zone) }),
          message: [first, second].filter(Boolean).join(' · '),
          autoClose: 60_000,
          onClick: () => go(`/lessons/${lesson.id}`),
          style: { cursor: 'pointer' },
        })
      }
      const read = async () => (await api.lessons()).items
      const wished = async () => (await api.reminders()).wish
      remind(scope, clock, read, wished, tell)
      return null
    },
    [api],
  )
  return null
}
