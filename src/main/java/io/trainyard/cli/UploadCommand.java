package io.trainyard.cli;

import io.trainyard.cli.Session.UsageException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Makes a file a version of a dataset. */
@Command(
    name = "upload",
    description = "Upload rows: CSV, TSV, JSON, NDJSON, Parquet, NPY, or a ZIP of images.",
    footer = {"", "Example: trainyard upload iris.csv --name iris -o on_error=skip"})
final class UploadCommand implements Callable<Integer> {
  private static final Map<String, String> TYPES =
      Map.of(
          "csv", "text/csv",
          "tsv", "text/tab-separated-values",
          "json", "application/json",
          "ndjson", "application/x-ndjson",
          "jsonl", "application/x-ndjson",
          "parquet", "application/vnd.apache.parquet",
          "npy", "application/x-npy",
          "zip", "application/zip");

  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The file; its ending tells what it holds.")
  private Path file = Path.of("");

  @Option(names = "--name", description = "The dataset; default: the file's name.")
  private @Nullable String name;

  @Option(
      names = {"-o", "--option"},
      paramLabel = "NAME=VALUE",
      description = "An option of the upload: on_error, delimiter, header, types, null_values, …")
  private Map<String, String> options = new LinkedHashMap<>();

  UploadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    String fileName = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    int dot = fileName.lastIndexOf('.');
    String type = TYPES.get(fileName.substring(dot + 1));
    if (dot < 0 || type == null) {
      throw new UsageException(
          fileName + ": the ending must be one of " + TYPES.keySet().stream().sorted().toList());
    }
    List<String> query =
        new ArrayList<>(List.of("name", name == null ? fileName.substring(0, dot) : name));
    options.forEach((option, value) -> query.addAll(List.of(option, value)));
    long size = Files.size(file);
    Terminal terminal = session.terminal();
    JsonNode version =
        session
            .service()
            .create(
                ServiceClient.path("datasets") + ServiceClient.query(query.toArray()),
                type,
                new CountedBody(
                    BodyPublishers.ofFile(file),
                    sent ->
                        terminal.progress(
                            (double) sent / size,
                            sent < size
                                ? Text.bytes(sent) + " of " + Text.bytes(size)
                                : "reading the rows")));
    return session.show(version, () -> show(version));
  }

  private void show(JsonNode version) {
    Terminal terminal = session.terminal();
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode column : version.path("columns")) {
      List<String> row = new ArrayList<>();
      for (String member : List.of("name", "type", "nulls", "distinct", "min", "max", "mean")) {
        row.add(Text.of(column.path(member)));
      }
      rows.add(row);
    }
    terminal.table(List.of("column", "type", "nulls", "distinct", "min", "max", "mean"), rows);
    for (JsonNode hint : version.path("hints")) {
      terminal.warn("hint: " + Text.of(hint.path("detail")));
    }
    terminal.remark(
        "%s version %s: %s rows%s"
            .formatted(
                Text.of(version.path("name")),
                Text.of(version.path("version")),
                Text.of(version.path("rows")),
                version.path("rejected_rows").asInt(0) == 0
                    ? ""
                    : ", " + version.path("rejected_rows") + " skipped"));
  }
}
