import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Shown } from '../school/Frame'
import { newDraft } from './draft'
import classes from './exams.module.css'
import { SetUp } from './setup/SetUp'
import { useExams, useLoaded } from './use'

/** A new test: title, bank, how many questions, minutes, class; the rest has its usual way. */
export default function New() {
  const { t } = useTranslation()
  const { clock } = useServices()
  const { zone, language } = useMe()
  const [, go] = useLocation()
  const exams = useExams()
  const heading = usePage(t('exams.new'))
  const material = useLoaded(() => exams.material(), [exams])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <Link href="/exams" className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {t('nav.exams')}
          </Link>
          <h1 ref={heading} tabIndex={-1}>
            {t('exams.new')}
          </h1>
        </div>
      </header>
      <Shown list={material}>
        {(found) => {
          const draft = newDraft(clock.now(), zone, language)
          const [bank, ...others] = found.banks
          const [group, ...more] = found.choices.groups
          return (
            <SetUp
              initial={{
                ...draft,
                level: found.choices.level,
                banks: bank && others.length === 0 ? [bank.id] : [],
                groups: group && more.length === 0 ? [group.id] : [],
              }}
              material={found}
              kept={({ id }) => go(`/exams/${id}`, { replace: true })}
            />
          )
        }}
      </Shown>
    </main>
  )
}
