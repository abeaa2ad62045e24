// The Azure OpenAI resource and its deployments. It has no keys: the app uses its identity.
param location string
param tags object
@description('Name and subdomain. Global batch needs https://<name>.openai.azure.com.')
param name string
@description('Deployments: name, sku, capacity, model, version.')
param deployments array

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: {
    name: 'S0'
  }
  // Used with TRANSFER_MODE=blob, where the resource itself reads and writes the container.
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

// One after another: the resource refuses changes of two deployments at a time.
@batchSize(1)
resource deploymentResources 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01' = [
  for deployment in deployments: {
    parent: account
    name: deployment.name
    sku: {
      name: deployment.sku
      capacity: deployment.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: deployment.model
        version: deployment.version
      }
      // Texts of one catalogue come from one version, until a person changes it.
      versionUpgradeOption: 'NoAutoUpgrade'
    }
  }
]

output name string = account.name
output endpoint string = account.properties.endpoint
output principalId string = account.identity.principalId
