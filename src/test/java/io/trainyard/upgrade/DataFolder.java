package io.trainyard.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A data folder on which this build starts. */
record DataFolder(Path path) {

  /** Unpacks a kept folder; {@code recorded.json} is beside the data. */
  static DataFolder unpack(Path archive, Path into) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path path = into.resolve(entry.getName());
        Files.createDirectories(path.getParent());
        Files.copy(zip, path);
      }
    }
    return new DataFolder(into.resolve("data"));
  }

  /** Like {@code cp -r} while no service runs. */
  DataFolder copyTo(Path other) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.toList()) {
        Path target = other.resolve(path.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return new DataFolder(other);
  }

  /** The stored measurements of a job's first epoch; no service may run. */
  JsonNode firstEpoch(String job) {
    String url = "jdbc:h2:file:" + path.resolve("database").resolve("trainyard");
    String measures =
        JdbcClient.create(new DriverManagerDataSource(url, "sa", ""))
            .sql("SELECT measures FROM job_metrics WHERE job_id = ? AND epoch = 1")
            .param(job)
            .query(String.class)
            .single();
    return new JsonMapper().readTree(measures);
  }
}
