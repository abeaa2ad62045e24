// TRANSFER_MODE=blob: the Azure OpenAI resource reads and writes the app's container, and nothing else.
@description('Identity of the Azure OpenAI resource.')
param principalId string
param storageName string
param container string

var transferRoles = {
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource files 'containers' existing = {
      name: container
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(transferRoles): {
    name: guid(account::blobs::files.id, principalId, role.value)
    scope: account::blobs::files
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]
