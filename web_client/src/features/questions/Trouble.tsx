import { useTranslation } from 'react-i18next'
import { Refusal } from '../../base/errors'
import { Icon } from '../../ui/Icon'
import { Problem } from '../../ui/Problem'

/** What this device did not give, in words that stand elsewhere. */
const OWN: Record<string, string> = {
  insecure_page: 'questions.file.insecure',
  microphone_insecure: 'devices.problem.insecure.microphone',
  microphone_denied: 'devices.problem.denied.microphone',
  microphone_missing: 'devices.problem.missing.microphone',
  microphone_busy: 'devices.problem.busy.microphone',
}

/** Why a file or a voice could not be kept. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const own = error instanceof Refusal && OWN[error.code]
  if (!own) return <Problem error={error} />
  return (
    <div className="note bad" role="alert">
      <Icon name="circle-alert" />
      <p>{t(own)}</p>
    </div>
  )
}
