package io.trainyard.api.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;

/** Parquet files of callers, which another process converts. */
@ServiceTest
@Timeout(120)
class ParquetHttpTest {
  @Autowired private Http http;
  @TempDir private Path folder;

  private byte[] parquet(String select) throws Exception {
    Path file = folder.resolve("made.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    }
    return Files.readAllBytes(file);
  }

  private Answer upload(String name, byte[] file) {
    return http.post("/v1/datasets?name=" + name, "application/vnd.apache.parquet", file);
  }

  /** By an option that only they have. */
  private static List<ProcessHandle> hosts() {
    return ProcessHandle.current()
        .children()
        .filter(
            child -> child.info().commandLine().orElse("").contains("ReservedCodeCacheSize=24m"))
        .toList();
  }

  @Test
  void fileIsConvertedByAnotherProcess() throws Exception {
    byte[] good =
        parquet(
            """
            SELECT 1::TINYINT AS a, 'x' AS s, TIMESTAMP '2026-01-31 12:00:00' AS at,
              [[1, 2, 3], [4, 5, 6]]::INTEGER[][] AS img\
            """);
    upload("parquet-good", good).expect(201);
    assertThat(http.get("/v1/datasets/parquet-good/versions/1/rows").expect(200).text())
        .contains("\"a\":1")
        .contains("[[1,2,3],[4,5,6]]");

    assertThat(hosts()).isNotEmpty();
    List<ProcessHandle> before = hosts();
    before.forEach(ProcessHandle::destroyForcibly);
    await().until(() -> before.stream().noneMatch(ProcessHandle::isAlive));
    upload("parquet-again", parquet("SELECT range AS i FROM range(1000)")).expect(201);
    assertThat(hosts()).isNotEmpty();
  }

  @Test
  void damagedFileIsRefusedInTheWordsOfItsFault() throws IOException {
    byte[] bad = "PAR1 this is no such file PAR1".getBytes(StandardCharsets.UTF_8);
    assertThat(upload("parquet-bad", bad).expectProblem(422, "invalid_rows").text())
        .contains("The Parquet file cannot be read");
  }

  @Test
  void faultsOfColumnsAreTold() throws Exception {
    byte[] blob = parquet("SELECT 'x'::BLOB AS b");
    assertThat(upload("parquet-blob", blob).expectProblem(422, "invalid_rows").text())
        .contains("Column 'b' has the type BLOB, which is not supported");
    byte[] wide =
        parquet(
            "SELECT "
                + String.join(
                    ", ",
                    IntStream.range(0, 1_500).mapToObj(i -> "range * " + i + " AS w" + i).toList())
                + " FROM range(500)");
    assertThat(upload("parquet-wide", wide).expect(201).text()).contains("\"rows\":500");
  }
}
