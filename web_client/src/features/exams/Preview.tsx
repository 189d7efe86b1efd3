import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Language } from '../../api/types'
import { lengthOf } from '../../base/format'
import { LANGUAGES } from '../../base/i18n'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Question } from '../questions/Question'
import type { Answer, Shown as QuestionShown } from '../questions/shapes'
import { Shown } from '../school/Frame'
import { shownNumber } from './decimal'
import classes from './exams.module.css'
import { Seg } from './parts'
import { useExams, useLoaded } from './use'

/** A test as one learner would see it: nothing is kept, and each draw may be another one. */
export default function Preview({ id }: { id: string | undefined }) {
  const { t, i18n } = useTranslation()
  const exams = useExams()
  const { language: mine } = useMe()
  const heading = usePage(t('exams.previewTitle'))
  const [language, setLanguage] = useState<Language>()
  const [draw, setDraw] = useState(1)
  const exam = useLoaded(() => exams.read(id!), [id])
  const offered = exam.phase === 'ready' ? exam.value.data.languages : []
  const speaks = language ?? offered.find((one) => one === mine) ?? offered[0]
  const sitting = useLoaded(
    async () => (speaks ? exams.preview(id!, String(draw), speaks) : null),
    [id, draw, speaks],
    true,
  )
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer>>>({})
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <Link href={`/exams/${id}`} className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {exam.phase === 'ready' ? exam.value.data.title : t('nav.exams')}
          </Link>
          <h1 ref={heading} tabIndex={-1}>
            {t('exams.previewTitle')}
          </h1>
          <p className="muted sm">{t('exams.previewText')}</p>
        </div>
        <Button variant="default" onClick={() => setDraw(draw + 1)}>
          {t('exams.otherDraw')}
        </Button>
      </header>
      {offered.length > 1 && speaks && (
        <Seg
          label={t('exams.languages')}
          value={speaks}
          choices={LANGUAGES.filter((one) => offered.includes(one)).map((value) => ({ value, label: t(`exams.speaks.${value}`) }))}
          change={setLanguage}
        />
      )}
      <Shown list={sitting}>
        {(found) =>
          found && (
            <>
              {found.left.whole !== null && (
                <p className="sm">{t('exams.previewTime', { time: lengthOf(found.left.whole * 1000) })}</p>
              )}
              <ol className={`${classes.form} ${classes.narrow}`}>
                {found.questions.map((question, at) => {
                  const key = `${draw} ${speaks} ${question.place}`
                  const section = found.exam.sections[question.section]
                  const begins = question.section !== found.questions[at - 1]?.section
                  return (
                    <li key={key} className={classes.form} data-place={question.place}>
                      {begins && found.exam.sections.length > 1 && (
                        <h2>{section?.name || t('exams.sectionNth', { nth: question.section + 1 })}</h2>
                      )}
                      <div className={classes.card}>
                        <p className="sm muted">
                          {t('exams.questionNth', { nth: question.place })} ·{' '}
                          {t('exams.pointsCount', { points: shownNumber(question.points, i18n.language) })}
                        </p>
                        <Question
                          shown={question.shown as unknown as QuestionShown}
                          answer={answers[key] ?? null}
                          onAnswer={(answer) => setAnswers((before) => ({ ...before, [key]: answer }))}
                          language={found.language}
                          media={question.media}
                        />
                      </div>
                    </li>
                  )
                })}
              </ol>
            </>
          )
        }
      </Shown>
    </main>
  )
}
