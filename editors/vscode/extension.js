"use strict";
// Starts the language server; everything else is the server's doing.
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = (context) => {
  context.subscriptions.push(commands.registerCommand("apiposture.restart", () => exports.deactivate().then(start)));
  return start();
};

exports.deactivate = () => (client ? client.stop().catch(() => {}) : Promise.resolve());

function start() {
  const [command, ...args] = workspace.getConfiguration("apiposture").get("command");
  const files = workspace.createFileSystemWatcher("**/{*.cs,*.py,*.csproj,appsettings*.json,apiposture.toml,pyproject.toml}");
  client = new LanguageClient(
    "apiposture",
    "ApiPosture",
    { command, args },
    {
      documentSelector: [{ scheme: "file", language: "csharp" }, { scheme: "file", language: "python" }],
      synchronize: { fileEvents: files },
    },
  );
  return client.start().catch(() => {
    window.showErrorMessage(
      `ApiPosture could not start '${command}'. Install it (pip install 'apiposture[lsp]'), or set 'apiposture.command' to where it is.`,
    );
  });
}
