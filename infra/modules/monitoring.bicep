// Application Insights on a workspace, and who is told of alerts.
param location string
param tags object
param workspaceName string
param componentName string
param actionGroupName string
@description('Address that alerts are sent to. Empty: nobody is told.')
param alertEmail string
@description('Most gigabytes of logs a day. Azure drops what exceeds it, so that a loop of errors stays cheap.')
param dailyGigabytes int = 5

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
    workspaceCapping: {
      dailyQuotaGb: dailyGigabytes
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'content'
    enabled: true
    emailReceivers: [
      {
        name: 'on-call'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

output workspaceId string = workspace.id
output componentName string = component.name
output actionGroups array = empty(alertEmail) ? [] : [actionGroup.id]
