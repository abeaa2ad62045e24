// The workbook: the metrics and state changes of docs/operations.md as charts.
param location string
param tags object
@description('Application Insights, which the queries read.')
param componentName string

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, componentName, 'content')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Instrument content'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: component.id
    serializedData: replace(loadTextContent('../workbook.json'), '##componentId##', component.id)
  }
}
