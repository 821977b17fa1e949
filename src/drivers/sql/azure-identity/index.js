/**
 * In the place of the real `@azure/identity`, which `tedious` loads at its start (docs/adr/0033): no instance of Lync or
 * Skype for Business is signed in to by Azure, and no setting of Holdfast leads here.
 */
function NoAzure() {
  throw new Error('Holdfast does not sign in to Azure.')
}

exports.ClientSecretCredential = NoAzure
exports.DefaultAzureCredential = NoAzure
exports.ManagedIdentityCredential = NoAzure
exports.UsernamePasswordCredential = NoAzure
