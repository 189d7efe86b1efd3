import { Notifications } from '@mantine/notifications'

export default function NoticesShown() {
  return <Notifications position="top-center" limit={3} autoClose={5000} />
}
