import { Redirect, Route, Switch } from 'wouter'
import Bank from './Bank'
import Banks from './Banks'
import ItemPage from './ItemPage'

/** The question bank: `/bank`, `/bank/…`, `/items/new?bank=…`, `/items/…`. */
export default function Pages() {
  return (
    <Switch>
      <Route path="/bank" component={Banks} />
      <Route path="/bank/:id">{({ id }) => <Bank key={id} bankId={id} />}</Route>
      <Route path="/items/:id">{({ id }) => <ItemPage itemId={id} />}</Route>
      <Route>
        <Redirect to="/bank" replace />
      </Route>
    </Switch>
  )
}
