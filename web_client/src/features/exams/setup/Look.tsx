import { useTranslation } from 'react-i18next'
import type { ItemRow } from '../../../api/exams'
import { currentLanguage } from '../../../base/i18n'
import { Question } from '../../questions/Question'
import type { Shown as QuestionShown } from '../../questions/shapes'
import { Shown } from '../../school/Frame'
import classes from '../exams.module.css'
import { useExams, useLoaded } from '../use'

/** A question as a learner sees it, to be looked at before it is chosen. */
export function Look({ row }: { row: Pick<ItemRow, 'id' | 'languages'> }) {
  const { t } = useTranslation()
  const exams = useExams()
  const language = row.languages.find((one) => one === currentLanguage()) ?? row.languages[0] ?? currentLanguage()
  const found = useLoaded(() => exams.lookAt(row.id, language), [row.id, language])
  return (
    <div className={classes.look} data-look={row.id}>
      <Shown list={found}>
        {({ shown, media }) =>
          shown ? (
            <Question shown={shown as unknown as QuestionShown} answer={null} onAnswer={() => undefined} disabled language={language} media={media} />
          ) : (
            <p className="muted sm">{t('exams.notShown')}</p>
          )
        }
      </Shown>
    </div>
  )
}
