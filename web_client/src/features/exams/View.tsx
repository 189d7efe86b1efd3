import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch } from 'wouter'
import type { ExamRow } from '../../api/exams'
import { dayOf, lengthOf, timeOf } from '../../base/format'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import MyExams from '../exam/List'
import { Shown } from '../school/Frame'
import classes from './exams.module.css'
import { shelves } from './list'
import New from './New'
import One from './One'
import Preview from './Preview'
import Protocol from './Protocol'
import Review from './Review'
import Sheet from './Sheet'
import { useExams, useLoaded } from './use'

/** Tests and exams: /exams for everybody, and the pages of who makes, watches and marks them. */
export default function ExamPages() {
  return (
    <Switch>
      <Route path="/exams" component={All} />
      <Route path="/exams/new" component={New} />
      <Route path="/exams/:id/preview">{({ id }) => <Preview key={id} id={id} />}</Route>
      <Route path="/exams/:id/sheet">{({ id }) => <Sheet key={id} id={id} />}</Route>
      <Route path="/exams/:id/protocol">{({ id }) => <Protocol key={id} id={id} />}</Route>
      <Route path="/sittings/:id/review">{({ id }) => <Review key={id} id={id} />}</Route>
      <Route path="/exams/:id/:tab?">{({ id, tab }) => <One key={id} id={id!} tab={tab} />}</Route>
      <Route>
        <Redirect to="/exams" replace />
      </Route>
    </Switch>
  )
}

function All() {
  const { t } = useTranslation()
  const me = useMe()
  const heading = usePage(t('nav.exams'))
  const makes = me.may.includes('exam:create')
  const isStaff = makes || me.may.includes('exam:read') || me.may.includes('exam:watch')
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <h1 ref={heading} tabIndex={-1} className="grow">
          {t('nav.exams')}
        </h1>
        {makes && (
          <Button component={Link} href="/exams/new" leftSection={<Icon name="plus" size={18} />}>
            {t('exams.new')}
          </Button>
        )}
      </header>
      {me.may.includes('exam:sit') && <MyExams />}
      {isStaff && <Shelves makes={makes} />}
    </main>
  )
}

function Shelves({ makes }: { makes: boolean }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const exams = useExams()
  const list = useLoaded(() => exams.list(), [exams])
  return (
    <Shown list={list}>
      {({ items }) => {
        const found = shelves(
          items.filter(({ part }) => part !== 'taker'),
          clock.now(),
        )
        if (found.length === 0) {
          return (
            <div className={classes.empty}>
              <h2>{t('exams.none')}</h2>
              <p className="muted">{t(makes ? 'exams.noneMakes' : 'exams.noneText')}</p>
            </div>
          )
        }
        return found.map(({ shelf, items: held }) => (
          <section key={shelf} className={classes.group} aria-label={t(`exams.shelf.${shelf}`)} data-shelf={shelf}>
            <h2>{t(`exams.shelf.${shelf}`)}</h2>
            <ul className={classes.list}>
              {held.map((exam) => (
                <Line key={exam.id} exam={exam} />
              ))}
            </ul>
          </section>
        ))
      }}
    </Shown>
  )
}

function Line({ exam }: { exam: ExamRow }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { id, title, kind, state, part, author, questions, seconds, opens_at, closes_at, takers, began } = exam
  const moment = (at: string) => `${dayOf(at, zone)}, ${timeOf(at, zone)}`
  const facts = [
    kind !== 'exam' && t(`exams.kindOf.${kind}`),
    t('exams.questionsCount', { count: questions }),
    seconds && lengthOf(seconds * 1000),
    part !== 'chair' && author,
  ].filter(Boolean)
  return (
    <li data-exam={id}>
      <div className={classes.main}>
        <Link href={`/exams/${id}`}>{title}</Link>
        <span className="muted sm">{facts.join(' · ')}</span>
      </div>
      <span className="sm muted">
        {state === 'published' && opens_at && t('exams.from', { at: moment(opens_at) })}{' '}
        {state === 'published' && closes_at && t('exams.until', { at: moment(closes_at) })}
        {(state === 'released' || state === 'cancelled') && t(`exams.examState.${state}`)}
      </span>
      {state !== 'draft' && <span className="sm num">{t('exams.beganOf', { began, takers })}</span>}
    </li>
  )
}
