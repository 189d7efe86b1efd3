import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ActionIcon } from '@mantine/core'
import { lengthOf } from '../../base/format'
import { Icon } from '../../ui/Icon'
import classes from './Room.module.css'
import type { SittingView } from './shapes'

const TOLD = ['add_time', 'resume', 'reactivate']

/** What the commission did to the sitting, until it is put away. */
export function Messages({ view }: { view: SittingView }) {
  const { t } = useTranslation()
  const [seen, setSeen] = useState<readonly string[]>([])
  const last = view.messages.filter(({ act }) => TOLD.includes(act)).at(-1)
  if (!last || seen.includes(last.at)) return null
  const time = lengthOf(last.added_seconds * 1000)
  return (
    <div className={`note ${classes.message}`} role="status" data-message={last.act}>
      <Icon name="info" />
      <div className="grow">
        <p>{t(`exam.told.${last.act}`, { time })}</p>
        {last.why && <p className="sm muted">{t('exam.reason', { why: last.why })}</p>}
      </div>
      <ActionIcon aria-label={t('common.close')} onClick={() => setSeen([...seen, last.at])}>
        <Icon name="x" size={18} />
      </ActionIcon>
    </div>
  )
}
