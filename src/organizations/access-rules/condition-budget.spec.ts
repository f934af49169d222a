import { ConditionBudget } from './condition-budget.js';
import { Condition } from './condition.js';

const slow = Condition.of('user.name == "slow"');
const quick = Condition.of('user.name == "quick"');

it('lets slow conditions of an organization wait once they took what they may, and no others', () => {
  const budget = new ConditionBudget();
  for (let count = 0; count < 59; count++) budget.exceeded('a', slow);
  expect(budget.isOver('a', slow)).toBe(false);
  budget.exceeded('a', slow);
  expect(budget.isOver('a', slow)).toBe(true);
  expect(budget.isOver('a', quick)).toBe(false);
  expect(budget.isOver('b', slow)).toBe(false);
});

it('counts what took long', () => {
  const budget = new ConditionBudget();
  for (let count = 0; count < 59; count++) budget.exceeded('a', slow);
  const result = budget.measure('a', quick, () => {
    for (const started = performance.now(); performance.now() - started < 51;);
    return { holds: true };
  });
  expect(result).toEqual({ holds: true });
  expect(budget.isOver('a', quick)).toBe(true);
});
