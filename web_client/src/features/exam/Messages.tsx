import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ActionIcon } from '@mantine/core'
import { lengthOf } from '../../base/format'
import { useValue } from '../../base/react'
import { Icon } from '../../ui/Icon'
import classes from './Room.module.css'
import type { SittingView } from './shapes'
import type { Sitting } from './sitting'
import { sectionOf } from './time'

const TOLD = ['add_time', 'resume', 'reactivate']

/** What the commission did to the sitting, and that the time of a section was up, until it is put away. */
export function Messages({ sitting, view }: { sitting: Sitting; view: SittingView }) {
  const { t } = useTranslation()
  const { turned } = useValue(sitting.state)
  const [seen, setSeen] = useState<readonly string[]>([])
  const last = view.messages.filter(({ act, at }) => TOLD.includes(act) && !seen.includes(at)).at(-1)
  return (
    <>
      {turned !== null && turned === sectionOf(view) && (
        <Note of="turn" close={() => sitting.forgetTurn()}>
          <p>
            {t('exam.told.turn', {
              name: view.exam.sections[turned]?.name || t('exam.section', { number: turned + 1 }),
            })}
          </p>
        </Note>
      )}
      {last && (
        <Note key={last.at} of={last.act} close={() => setSeen(view.messages.map(({ at }) => at))}>
          <p>{t(`exam.told.${last.act}`, { time: lengthOf(last.added_seconds * 1000) })}</p>
          {last.why && <p className="sm muted">{t('exam.reason', { why: last.why })}</p>}
        </Note>
      )}
    </>
  )
}

function Note({ of, close, children }: { of: string; close: () => void; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className={`note ${classes.message}`} role="status" data-message={of}>
      <Icon name="info" />
      <div className="grow">{children}</div>
      <ActionIcon aria-label={t('common.close')} onClick={close}>
        <Icon name="x" size={18} />
      </ActionIcon>
    </div>
  )
}
