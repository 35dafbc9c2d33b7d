"use strict";
// Starts the language server; everything else is the server's doing.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
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
  return client.start();
};

exports.deactivate = () => client && client.stop();
