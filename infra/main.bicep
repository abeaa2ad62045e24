// Everything that docs/deploy.md names, in one resource group. `azd up` deploys it, then the code.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment. Names of resources are made from it.')
param environmentName string

@minLength(1)
@description('Region of the Function App, its storage and its monitoring. It must offer Flex Consumption.')
param location string

@description('Region of the Azure OpenAI resource, if it is another one. Not every region offers batch.')
param openAiLocation string = ''

@description('Model of the batch deployment.')
param batchModel string = 'gpt-4.1'

@description('Version of the model of the batch deployment.')
param batchModelVersion string = '2025-04-14'

@allowed(['GlobalBatch', 'DataZoneBatch'])
@description('Where the batch deployment may process data.')
param batchSku string = 'GlobalBatch'

@minValue(50)
@description('Size of the queue of the batch deployment, in thousands of enqueued input tokens.')
param batchCapacity int = 5000

@description('Model of the online deployment for previews and stragglers.')
param onlineModel string = 'gpt-4.1'

@description('Version of the model of the online deployment.')
param onlineModelVersion string = '2025-04-14'

@minValue(0)
@description('Capacity of the online deployment, in thousands of tokens a minute. 0: there is none.')
param onlineCapacity int = 0

@description('Model of the second reader (docs/verification.md).')
param verifierModel string = 'gpt-4.1-mini'

@description('Version of the model of the second reader.')
param verifierModelVersion string = '2025-04-14'

@minValue(0)
@description('Capacity of the batch deployment of the second reader, as batchCapacity. 0: there is none.')
param verifierCapacity int = 0

@allowed(['files', 'blob'])
@description('How batch files reach Azure OpenAI: TRANSFER_MODE in docs/settings.md.')
param transferMode string = 'files'

@description('Most USD that a run may reserve: MAX_RUN_COST in docs/settings.md.')
param maxRunCost string = '50'

@description('Most USD of a calendar month: MAX_MONTH_COST in docs/settings.md.')
param maxMonthCost string = '200'

@secure()
@minLength(32)
@description('Keys with full access, separated by commas: API_KEYS in docs/settings.md.')
param apiKeys string

@secure()
@description('Keys with read access: READ_API_KEYS in docs/settings.md.')
param readApiKeys string = ''

@minValue(1)
@maxValue(1000)
@description('Most instances of the Function App.')
param maximumInstanceCount int = 40

@description('Address that alerts and the budget are sent to. Empty: alerts are shown in the portal only.')
param alertEmail string = ''

@minValue(0)
@description('Monthly budget of the resource group, in the currency of the subscription. 0: there is none.')
param budgetAmount int = 0

@description('First day of the month in which the budget was first deployed, such as 2026-11-01.')
param budgetStart string = ''

@description('Client id of an Entra ID app registration. If it is set, people sign in before they reach the app.')
param authClientId string = ''

@description('Object id of a user who may run the doctor on their machine: gets the same roles as the app.')
param doctorPrincipalId string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var batchDeployment = 'batch'
var onlineDeployment = 'online'
var verifierDeployment = 'verifier'
var blobContainer = 'batch-files'
var packageContainer = 'app-package'
var chosenSettings = loadJsonContent('settings.json')

var deployments = concat(
  [
    {
      name: batchDeployment
      sku: batchSku
      capacity: batchCapacity
      model: batchModel
      version: batchModelVersion
    }
  ],
  onlineCapacity == 0
    ? []
    : [
        {
          name: onlineDeployment
          sku: 'GlobalStandard'
          capacity: onlineCapacity
          model: onlineModel
          version: onlineModelVersion
        }
      ],
  verifierCapacity == 0
    ? []
    : [
        {
          name: verifierDeployment
          sku: batchSku
          capacity: verifierCapacity
          model: verifierModel
          version: verifierModelVersion
        }
      ]
)

// Settings of the app, without secrets. Values of settings.json are a shop's own choice.
var appSettings = union(chosenSettings, {
  AzureWebJobsStorage__accountName: storage.outputs.name
  STORAGE_ACCOUNT_NAME: storage.outputs.name
  BLOB_CONTAINER: blobContainer
  AZURE_OPENAI_ENDPOINT: openAi.outputs.endpoint
  AZURE_OPENAI_DEPLOYMENT_NAME: batchDeployment
  AZURE_OPENAI_MODEL: batchModel
  AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME: onlineCapacity == 0 ? '' : onlineDeployment
  AZURE_OPENAI_ONLINE_MODEL: onlineCapacity == 0 ? '' : onlineModel
  TRANSFER_MODE: transferMode
  // A file of 45 % of the queue lets a second one wait behind it. A file that is larger than the queue
  // would never be admitted.
  ENQUEUED_TOKEN_LIMIT: string(batchCapacity * 1000)
  MAX_TOKENS_PER_FILE: string(min(batchCapacity * 450, 50000000))
  MAX_RUN_COST: maxRunCost
  MAX_MONTH_COST: maxMonthCost
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
  PYTHON_THREADPOOL_THREAD_COUNT: '32'
})

resource group 'Microsoft.Resources/resourceGroups@2022-09-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    actionGroupName: 'ag-${token}'
    alertEmail: alertEmail
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    name: 'st${token}'
    containers: [blobContainer, packageContainer]
  }
}

module openAi 'modules/openai.bicep' = {
  name: 'openai'
  scope: group
  params: {
    location: empty(openAiLocation) ? location : openAiLocation
    tags: tags
    name: 'oai-${token}'
    deployments: deployments
  }
}

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    location: location
    tags: union(tags, { 'azd-service-name': 'app' })
    name: 'func-${token}'
    planName: 'plan-${token}'
    storageName: storage.outputs.name
    packageContainer: packageContainer
    componentName: monitoring.outputs.componentName
    maximumInstanceCount: maximumInstanceCount
    appSettings: appSettings
    apiKeys: apiKeys
    readApiKeys: readApiKeys
  }
}

module appRoles 'modules/roles.bicep' = {
  name: 'app-roles'
  scope: group
  params: {
    principalId: app.outputs.principalId
    principalType: 'ServicePrincipal'
    storageName: storage.outputs.name
    openAiName: openAi.outputs.name
  }
}

module doctorRoles 'modules/roles.bicep' = if (!empty(doctorPrincipalId)) {
  name: 'doctor-roles'
  scope: group
  params: {
    principalId: doctorPrincipalId
    principalType: 'User'
    storageName: storage.outputs.name
    openAiName: openAi.outputs.name
  }
}

module transferRole 'modules/transfer-role.bicep' = if (transferMode == 'blob') {
  name: 'transfer-role'
  scope: group
  params: {
    principalId: openAi.outputs.principalId
    storageName: storage.outputs.name
    container: blobContainer
  }
}

module authentication 'modules/authentication.bicep' = if (!empty(authClientId)) {
  name: 'authentication'
  scope: group
  params: {
    appName: app.outputs.name
    clientId: authClientId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    componentName: monitoring.outputs.componentName
    actionGroups: monitoring.outputs.actionGroups
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    componentName: monitoring.outputs.componentName
  }
}

module diagnostics 'modules/diagnostics.bicep' = {
  name: 'diagnostics'
  scope: group
  params: {
    workspaceId: monitoring.outputs.workspaceId
    openAiName: openAi.outputs.name
    storageName: storage.outputs.name
  }
}

module budget 'modules/budget.bicep' = if (budgetAmount > 0) {
  name: 'budget'
  scope: group
  params: {
    name: 'budget-${token}'
    amount: budgetAmount
    startDate: budgetStart
    contactEmail: alertEmail
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = app.outputs.name
output BASE_URL string = app.outputs.url
output VERIFIER_DEPLOYMENT_NAME string = verifierCapacity == 0 ? '' : verifierDeployment
// What the app got, for `make settings` and the doctor. Keys are not in it.
output APP_SETTINGS object = appSettings
