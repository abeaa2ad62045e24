// The alerts of docs/operations.md. Each is an entry of alerts.json.
param location string
param tags object
@description('Application Insights, which the queries read.')
param componentName string
@description('Ids of the action groups that are told.')
param actionGroups array

var rules = loadJsonContent('../alerts.json')

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource ruleResources 'Microsoft.Insights/scheduledQueryRules@2021-08-01' = [
  for rule in rules: {
    name: '${componentName}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [
        component.id
      ]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      // The tables of a new component are empty, and may not be there yet.
      skipQueryValidation: true
      actions: {
        actionGroups: actionGroups
      }
    }
  }
]
