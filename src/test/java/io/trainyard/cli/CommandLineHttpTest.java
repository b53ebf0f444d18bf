package io.trainyard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Each command against the service. */
@ServiceTest
@Timeout(90)
class CommandLineHttpTest {
  private static final Path IRIS = Path.of("src/examples/iris");
  private static final String NAME = "command-iris";

  @Autowired private Http http;
  @TempDir private Path folder;

  private Command run(String... arguments) {
    return Command.run(http.base(), arguments);
  }

  private static Command done(Command command) {
    assertThat(command.code()).as(command.toString()).isZero();
    return command;
  }

  private String job() throws IOException {
    JsonMapper json = new JsonMapper();
    ObjectNode job = (ObjectNode) json.readTree(Files.readString(IRIS.resolve("job.json")));
    ObjectNode model = (ObjectNode) json.readTree(Files.readString(IRIS.resolve("model.json")));
    job.set("model", model.put("name", NAME));
    job.withObject("/dataset").put("name", NAME);
    job.putObject("on_success").put("alias", "production");
    return Files.writeString(folder.resolve("job.json"), job.toString()).toString();
  }

  /** A job that moves no alias. */
  private String trial() throws IOException {
    Path file = Path.of(job());
    ObjectNode job = (ObjectNode) new JsonMapper().readTree(Files.readString(file));
    job.remove("on_success");
    return Files.writeString(file, job.toString()).toString();
  }

  @Test
  void commandsRunTheMainJob() throws IOException {
    assertThat(done(run("upload", IRIS.resolve("iris.csv").toString(), "--name", NAME)).out())
        .contains("species\tstring\t0\t3\tsetosa\tvirginica");
    String job = job();
    assertThat(done(run("validate", job)).out()).contains("dense_1\tdense\t[16]\t80");
    Command trained = done(run("train", job, "--watch"));
    assertThat(trained.out())
        .contains("epoch 1 of 100\tloss ")
        .contains(
            "succeeded; " + NAME + " version 1; production points to it; it started to serve");
    String rows = IRIS.resolve("predict.json").toString();
    assertThat(done(run("predict", NAME, rows)).out().lines().toList())
        .hasSize(3)
        .satisfies(lines -> assertThat(lines.get(1)).startsWith("setosa\tsetosa 0.9"));
    assertThat(
            done(run(
                    "predict",
                    NAME,
                    "sepal_length=5.1",
                    "sepal_width=3.5",
                    "petal_length=1.4",
                    "petal_width=0.2",
                    "--model-version=latest",
                    "--json"))
                .out())
        .contains("\"species\" : \"setosa\"");

    String second = done(run("train", job)).out().strip();
    assertThat(run("jobs", second, "--watch").out()).contains("version 2");
    assertThat(done(run("rollback", NAME)).out()).startsWith(NAME + " production is version 1");
    assertThat(done(run("promote", NAME, "2")).out())
        .isEqualTo(NAME + " production is version 2, was 1\n");
    assertThat(done(run("models")).out()).contains(NAME + "\t2\tproduction 2\t");
    assertThat(done(run("models", NAME)).out()).contains("2\tproduction\tloss ");
    assertThat(done(run("jobs", "--model", NAME)).out())
        .contains(second + "\ttraining\t" + NAME + "\tsucceeded\t100 %\t");
    assertThat(done(run("train", trial(), "--watch")).out())
        .contains(
            "version 3; version 2 went on serving; 'trainyard promote %s 3' changes that"
                .formatted(NAME));
    for (String action : new String[] {"cancel", "stop"}) {
      assertThat(done(run(action, second)).out()).startsWith(second + " succeeded");
    }
  }

  @Test
  void personSeesBarsAndTables() throws IOException {
    String file = IRIS.resolve("iris.csv").toString();
    Command upload = done(Command.onTerminal(http.base(), "upload", file, "--name", NAME + "-2"));
    assertThat(upload.out())
        .contains("sepal_length  number      0        35  4.3     7.9        5.8433");
    assertThat(upload.err()).contains("100 %").contains(NAME + "-2 version 1: 150 rows");
  }

  @Test
  void hintsAreShownToPersonsAndScripts() throws IOException {
    Path file = Files.writeString(folder.resolve("shops.csv"), "site,sold\na,1\na,2\n");
    for (Command upload :
        List.of(
            Command.onTerminal(http.base(), "upload", file.toString(), "--name", NAME + "-3"),
            run("upload", file.toString(), "--name", NAME + "-3"))) {
      assertThat(done(upload).err()).contains("hint: Column 'site' holds a in every row");
      assertThat(upload.out()).doesNotContain("hint");
    }
  }

  @Test
  void faultsOfAJobAreShownBeforeTraining() throws IOException {
    String job = Files.readString(Path.of(job())).replace("\"loss\"", "\"los\"");
    Files.writeString(folder.resolve("job.json"), job);
    done(run("upload", IRIS.resolve("iris.csv").toString(), "--name", NAME));
    Command validated = run("validate", folder.resolve("job.json").toString());
    assertThat(validated.code()).isEqualTo(1);
    assertThat(validated.err()).contains("error: /training/los: ");
    Command trained = run("train", folder.resolve("job.json").toString());
    assertThat(trained.code()).isEqualTo(1);
    assertThat(trained.err()).contains("\n  /training/los: ");
  }
}
