import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Protocol as Found } from '../../api/exams'
import { dayOf, partsOf, timeOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Shown } from '../school/Frame'
import { shownNumber } from './decimal'
import classes from './exams.module.css'
import print_ from './print.module.css'
import { useExams, useLoaded } from './use'

/** The commission's record of an exam, to be printed and signed. */
export default function Protocol({ id }: { id: string | undefined }) {
  const { t } = useTranslation()
  const exams = useExams()
  const heading = usePage(t('exams.protocol'))
  const protocol = useLoaded(() => exams.protocol(id!), [id])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={`${classes.top} ${print_.screen}`}>
        <div className="grow">
          <Link href={`/exams/${id}/results`} className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {t('exams.tab.results')}
          </Link>
          <h1 ref={heading} tabIndex={-1}>
            {t('exams.protocol')}
          </h1>
        </div>
        <Button leftSection={<Icon name="printer" size={18} />} onClick={() => print()}>
          {t('exams.print')}
        </Button>
      </header>
      <Shown list={protocol}>{(found) => <Paper found={found} />}</Shown>
    </main>
  )
}

function Paper({ found }: { found: Found }) {
  const { t, i18n } = useTranslation()
  const { zone } = useMe()
  const moment = (at: string) => `${dayOf(at, zone)} ${partsOf(at, zone).year}, ${timeOf(at, zone)}`
  const language = i18n.language
  return (
    <article className={print_.paper} tabIndex={0} aria-label={t('exams.protocol')}>
      <div className={print_.head}>
        <p>{named(found.organisation)}</p>
        <h2>
          {t('exams.protocolOf')}: {found.title}
        </h2>
        <p>
          {[
            [found.opens_at, found.ends_at].flatMap((at) => (at ? [moment(at)] : [])).join(' – '),
            named(found.scale?.source),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <table className={print_.table}>
        <thead>
          <tr>
            <th scope="col">№</th>
            <th scope="col">{t('exams.learner')}</th>
            <th scope="col">{t('exams.class')}</th>
            <th scope="col">{t('exams.points')}</th>
            <th scope="col">%</th>
            <th scope="col">{t('exams.markHead')}</th>
          </tr>
        </thead>
        <tbody>
          {found.lines.map((line) => (
            <tr key={`${line.nth} ${line.number}`}>
              <td>{line.nth}</td>
              <td>{line.name}</td>
              <td>{line.group}</td>
              <td>
                {line.points === null
                  ? t(`exams.state.${line.state || 'planned'}`)
                  : `${shownNumber(line.points, language)} / ${shownNumber(line.most, language)}`}
              </td>
              <td>{shownNumber(line.percent, language)}</td>
              <td>{[line.label, named(line.words)].filter(Boolean).join(', ') || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {found.labels.map(({ label, count }) => `${t('exams.labelCount', { label })} ${count}`).join(' · ')} ·{' '}
        {t('exams.absentCount', { count: found.absent })} · {t('exams.mean')}: {shownNumber(found.mean, language, 1)}
      </p>
      {found.aloud.length > 0 && <Aloud found={found} moment={moment} />}
      {found.regrades.map((one) => (
        <p key={one.id}>
          {t('exams.regrade')}: {named(one.title)} — {t(`exams.regradeHows.${one.how}`)}. {one.why} ({one.by}, {moment(one.at)})
        </p>
      ))}
      {found.appeals.map((one) => (
        <p key={one.id}>
          {t('exams.appealOf')} {one.name ?? one.number}
          {one.place !== null && ` · ${t('exams.questionNth', { nth: one.place })}`}
          {one.title && ` (${named(one.title)})`}: {one.why} — {t(`exams.appeal.${one.state}`)}. {one.answer}
        </p>
      ))}
      {found.released && (
        <p>
          {t('exams.releasedAt', { day: dayOf(found.released, zone), time: timeOf(found.released, zone) })}{' '}
          {found.released_by}
        </p>
      )}
      {found.commission.map(({ name, part }) => (
        <div key={name} className={print_.sign}>
          <span>{t(`exams.parts.${part}`)}</span>
          <span className={print_.blank} />
          <span>{name}</span>
        </div>
      ))}
    </article>
  )
}

/** What was answered in a call: to which question, what it was worth, and to whom of the commission. */
function Aloud({ found, moment }: { found: Found; moment: (at: string) => string }) {
  const { t, i18n } = useTranslation()
  const { call } = found
  const where = call && [named(call.subject), call.title, moment(call.starts_at)].filter(Boolean).join(', ')
  return (
    <section aria-label={t('exams.aloud')} data-aloud="">
      <h3>
        {t('exams.aloud')}
        {where && `: ${where}`}
      </h3>
      <table className={print_.table}>
        <thead>
          <tr>
            <th scope="col">{t('exams.learner')}</th>
            <th scope="col">{t('exams.theQuestion')}</th>
            <th scope="col">{t('exams.points')}</th>
            <th scope="col">{t('exams.examiners')}</th>
          </tr>
        </thead>
        <tbody>
          {found.aloud.map((one) => (
            <tr key={`${one.number} ${one.place}`}>
              <td>{one.name}</td>
              <td>{named(one.title)}</td>
              <td>
                {shownNumber(one.points, i18n.language)} / {shownNumber(one.most, i18n.language)}
              </td>
              <td>
                {one.marks.map((mark) => (
                  <div key={mark.at}>
                    {mark.marker}: {shownNumber(mark.points, i18n.language)} ({moment(mark.at)}) {mark.comment}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
