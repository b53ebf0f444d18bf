package io.trainyard.cli;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Fills an empty installation from a backup. */
@Command(
    name = "restore",
    description = "Fill an empty installation from a file that 'backup' wrote.",
    footer = {"", "Example: trainyard restore monday.backup --url http://new-host:8080"})
final class RestoreCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The backup.")
  private Path file = Path.of("");

  @Option(
      names = "--pause-jobs",
      description = "Hold jobs that have not ended, until POST /v1/jobs:resume.")
  private boolean pausesJobs;

  RestoreCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    long size = Files.size(file);
    Terminal terminal = session.terminal();
    JsonNode answer =
        session
            .service()
            .post(
                ServiceClient.path("restore") + (pausesJobs ? "?jobs=paused" : ""),
                "application/octet-stream",
                new CountedBody(
                    BodyPublishers.ofFile(file),
                    sent ->
                        terminal.progress(
                            (double) sent / size, Text.bytes(sent) + " of " + Text.bytes(size))));
    return session.show(
        answer, () -> terminal.print(pausesJobs ? "restored; jobs are paused" : "restored"));
  }
}
