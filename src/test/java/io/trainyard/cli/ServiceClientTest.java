package io.trainyard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a service that is busy, refuses, or breaks off. */
@Timeout(30)
class ServiceClientTest {
  private FakeService service;
  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    service = new FakeService();
  }

  @AfterEach
  void stop() throws IOException {
    service.close();
  }

  private Command run(String... arguments) {
    return Command.run(service.url(), arguments);
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  @Test
  void busyServiceIsAskedAgainWithTheSameKey() throws IOException {
    service
        .answer(503, "{\"code\": \"queue_full\"}", "Retry-After: 0")
        .answer(429, "{}", "Retry-After: 0")
        .answer(202, "{\"id\": \"j1\"}");
    Command command = run("train", file("job.json", "{\"model\": \"iris\"}"));
    assertThat(command).isEqualTo(new Command(0, "j1\n", ""));
    assertThat(service.requests()).hasSize(3);
    assertThat(service.requests().stream().map(each -> each.header("idempotency-key")).distinct())
        .hasSize(1)
        .doesNotContain("");
    assertThat(service.requests().getFirst().body()).isEqualTo("{\"model\":\"iris\"}");
    assertThat(service.requests().getFirst().header("authorization")).isEqualTo("Bearer secret");
  }

  @Test
  void serviceThatStaysBusyIsExitCode4() {
    service.answer(503, "{\"detail\": \"The queue is full\"}", "Retry-After: 3600");
    Command command = run("models");
    assertThat(command.code()).isEqualTo(4);
    assertThat(command.err()).isEqualTo("The queue is full (503)\n");
  }

  @Test
  void refusalThatNoRetryEndsIsNotRepeated() {
    service.answer(503, "{\"code\": \"unavailable\", \"detail\": \"It was unloaded\"}");
    Command command = run("models");
    assertThat(command.code()).isEqualTo(4);
    assertThat(command.err()).isEqualTo("It was unloaded (unavailable, 503)\n");
    assertThat(service.requests()).hasSize(1);
  }

  @Test
  void refusalShowsEachFaultWithItsPointer() throws IOException {
    String problem =
        """
        {"code": "invalid_body", "detail": "The job has 2 faults.",
         "help": "http://h/docs/errors/invalid_body",
         "errors": [{"pointer": "/training/los", "detail": "There is no 'los'.\\u001b[2J"},
                    {"pointer": "", "detail": "It has no dataset."}]}
        """;
    service.answer(422, problem).answer(422, problem);
    String job = file("job.json", "{}");
    Command command = run("train", job);
    assertThat(command.code()).isEqualTo(1);
    assertThat(command.err())
        .isEqualTo(
            """
            The job has 2 faults. (invalid_body, 422)
              /training/los: There is no 'los'.�[2J
              /: It has no dataset.
              more: http://h/docs/errors/invalid_body
            """);
    assertThat(run("train", job, "--json").err()).contains("\"pointer\" : \"/training/los\"");
  }

  @Test
  void missingKeySaysWhereToGiveOne() {
    service.answer(401, "{\"code\": \"unauthenticated\", \"detail\": \"A key is needed.\"}");
    assertThat(run("jobs").err()).contains("--key").contains("TRAINYARD_KEY");
  }

  @Test
  void brokenStreamIsResumedAfterItsLastEvent() {
    String epoch = "id: %d\nevent: epoch\ndata: {\"epoch\": %d, \"loss\": 0.5}\n\n";
    service
        .cut(epoch.formatted(1, 1) + "id: 2\nevent: epoch\nda")
        .answer(200, epoch.formatted(2, 2))
        .answer(503, "{}", "Retry-After: 0")
        .answer(200, "id: 3\nevent: done\ndata: {\"id\": \"j1\", \"state\": \"failed\"}\n\n");
    Command command = run("jobs", "j1", "--watch");
    assertThat(command.code()).isEqualTo(3);
    assertThat(command.out())
        .isEqualTo("epoch 1 of \tloss 0.5\nepoch 2 of \tloss 0.5\nj1 failed\n");
    assertThat(service.requests().stream().map(each -> each.header("last-event-id")))
        .containsExactly("", "1", "2", "2");
  }

  @Test
  void rollbackIsNotRepeatedWhenItsAnswerIsLost() {
    service.cut("{\"version\": 1}");
    assertThat(run("rollback", "iris").code()).isEqualTo(4);
    assertThat(service.requests()).hasSize(1);
  }

  @Test
  void listFollowsPagesUpToItsLimit() {
    service
        .answer(200, "{\"jobs\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"next_page_token\": \"x y\"}")
        .answer(200, "{\"jobs\": [{\"id\": \"c\"}, {\"id\": \"d\"}], \"next_page_token\": \"z\"}");
    Command command = run("jobs", "--state", "running", "--kind", "sweep", "--limit", "3");
    assertThat(command.out().lines().map(line -> line.split("\t")[0]))
        .containsExactly("job", "a", "b", "c");
    assertThat(service.requests().get(1).line())
        .isEqualTo("GET /v1/jobs?state=running&kind=sweep&page_token=x%20y");
  }

  @Test
  void keysAreCreatedListedAndRevoked() {
    service
        .answer(201, "{\"id\": \"k1\", \"key\": \"ty_abc\"}")
        .answer(
            200,
            """
            {"keys": [{"id": "k1", "name": "board", "prefix": "ty_a", "scopes": ["read", "predict"],
              "datasets": ["iris"], "expires_at": "2027-01-31T00:00:00Z"}], "next_page_token": ""}
            """)
        .answer(204, "");
    assertThat(
            run(
                "keys",
                "create",
                "board",
                "--scope",
                "read,predict",
                "--model",
                "iris",
                "--dataset",
                "iris,team-a.*",
                "--max-priority",
                "5"))
        .isEqualTo(new Command(0, "ty_abc\n", ""));
    assertThat(service.requests().getFirst().body())
        .isEqualTo(
            "{\"name\":\"board\",\"scopes\":[\"read\",\"predict\"],\"models\":[\"iris\"],"
                + "\"datasets\":[\"iris\",\"team-a.*\"],\"max_priority\":5}");
    assertThat(run("keys").out())
        .contains("k1\tboard\tty_a\tread, predict\t\tiris\t2027-01-31 00:00:00");
    assertThat(run("keys", "revoke", "k1").code()).isZero();
    assertThat(service.requests().getLast().line()).isEqualTo("DELETE /v1/keys/k1");
  }

  @Test
  void backupLeavesWholeFilesOnly() throws IOException {
    Path backup = folder.resolve("all.backup");
    service.answer(200, "everything").cut("half");
    assertThat(run("backup", backup.toString()).code()).isZero();
    assertThat(backup).hasContent("everything");
    assertThat(run("backup", backup.toString()).err()).contains("is there already");
    assertThat(run("backup", backup.toString(), "--force").code()).isEqualTo(4);
    assertThat(backup).hasContent("everything");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(backup);
    }
  }

  @Test
  void restoreSendsTheFile() throws IOException {
    service.answer(200, "{}");
    assertThat(run("restore", file("all.backup", "everything")))
        .isEqualTo(new Command(0, "restored\n", ""));
    assertThat(service.requests().getFirst().line()).isEqualTo("POST /v1/restore");
    assertThat(service.requests().getFirst().body()).isEqualTo("everything");
  }

  @Test
  void namesCannotLeaveTheirPlaceInAPath() {
    service.answer(200, "{\"versions\": []}");
    run("models", "../jobs?x");
    assertThat(service.requests().getFirst().line())
        .isEqualTo("GET /v1/models/..%2Fjobs%3Fx/versions");
  }

  @Test
  void wrongUsageIsExitCode2() throws IOException {
    for (String[] arguments :
        List.of(
            new String[] {"uplod", "x.csv"},
            new String[] {"upload", folder.resolve("missing.csv").toString()},
            new String[] {"upload", file("rows.txt", "x")},
            new String[] {"train", file("job.json", "{\"model\":")},
            new String[] {"predict", "iris", "a=1", "b"},
            new String[] {"jobs", "--watch"},
            new String[] {"models", "--url", "localhost:8080"},
            new String[] {"--url", service.url()})) {
      Command command = run(arguments);
      assertThat(command.code()).as(command + " of " + List.of(arguments)).isEqualTo(2);
      assertThat(command.err()).isNotBlank().doesNotContain("Exception");
    }
    assertThat(run("train", file("job.json", "{\"model\":")).err()).contains("line 1, column");
    assertThat(service.requests()).isEmpty();
  }

  @Test
  void noServiceIsExitCode4() {
    Command command = run("models", "--url", "http://127.0.0.1:9");
    assertThat(command.code()).isEqualTo(4);
    assertThat(command.err()).contains("http://127.0.0.1:9");
  }

  @Test
  void settingsOfTheServiceAreNoCommand() {
    assertThat(Arguments.holdCommand(new String[] {})).isFalse();
    assertThat(Arguments.holdCommand(new String[] {"--server.port=1", "--debug"})).isFalse();
    assertThat(Arguments.holdCommand(new String[] {"--help"})).isTrue();
    assertThat(Arguments.holdCommand(new String[] {"--url=http://x", "models"})).isTrue();
  }
}
