package io.trainyard.store.backup;

import io.trainyard.os.Sha256;
import io.trainyard.store.file.DatasetChecksums.Checksum;
import io.trainyard.store.file.FileStores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The files that rows name, by kind. The name of weights and of a checkpoint is the SHA-256 of its
 * bytes; what the bytes of a dataset's files are, rows say too.
 */
final class ArchiveFiles {
  private final Map<String, Set<String>> names = new LinkedHashMap<>();
  private final Map<String, Set<Checksum>> checksums = new HashMap<>();

  /** The lengths that rows say, by the names of weights and checkpoints. */
  private final Map<String, Set<Long>> lengths = new HashMap<>();

  ArchiveFiles() {
    FileStores.KINDS.forEach(kind -> names.put(kind, new LinkedHashSet<>()));
  }

  /** Notes the files that a row names. */
  void collect(String table, JsonNode row) {
    switch (table) {
      case "model_versions" ->
          add(FileStores.WEIGHTS, row.path("weights_sha256"), row.path("weights_bytes"));
      case "checkpoints" -> add(FileStores.CHECKPOINTS, row.path("sha256"), row.path("bytes"));
      case "dataset_versions" -> {
        String digest = row.path("digest").asString("");
        List.of(".parquet", ".content", ".rejects")
            .forEach(suffix -> add(FileStores.DATASETS, digest, suffix));
      }
      case "dataset_seals" ->
          checksums
              .computeIfAbsent(row.path("file_name").asString(""), _ -> new HashSet<>())
              .add(new Checksum(row.path("bytes").asLong(-1), row.path("crc32c").asLong(-1)));
      default -> {}
    }
  }

  private void add(String kind, JsonNode digest, JsonNode bytes) {
    String name = digest.asString("");
    add(kind, name, "");
    lengths.computeIfAbsent(name, _ -> new HashSet<>()).add(bytes.asLong(-1));
  }

  private void add(String kind, String digest, String suffix) {
    Set<String> ofKind = names.get(kind);
    if (ofKind != null && digest.matches("[0-9a-f]{64}")) {
      ofKind.add(digest + suffix);
    }
  }

  Collection<String> of(String kind) {
    return names.getOrDefault(kind, Set.of());
  }

  /**
   * How many files there are; some may be missing. Not all that a dataset's row names exist: the
   * others have a checksum.
   */
  long count() {
    return names.values().stream()
        .flatMap(Set::stream)
        .filter(
            name ->
                !(name.endsWith(".content") || name.endsWith(".rejects"))
                    || checksums.containsKey(name))
        .count();
  }

  /** Which columns name the files of a kind and say what is in them, for messages. */
  static String columns(String kind) {
    return switch (kind) {
      case FileStores.WEIGHTS ->
          "weights_sha256 and weights_bytes of a row of tables/model_versions.jsonl";
      case FileStores.CHECKPOINTS -> "sha256 and bytes of a row of tables/checkpoints.jsonl";
      default ->
          "digest of a row of tables/dataset_versions.jsonl, and in file_name, bytes and crc32c of a"
              + " row of tables/dataset_seals.jsonl";
    };
  }

  /** Whether all rows that name a file say this length. */
  boolean isLength(String kind, String name, long bytes) {
    return kind.equals(FileStores.DATASETS) || Set.of(bytes).equals(lengths.get(name));
  }

  /** Whether an installation without this file lacks nothing: an upload may have no rejects. */
  static boolean isOptional(String name) {
    return name.endsWith(".rejects");
  }

  /**
   * Whether these are the bytes of the file with a name. A dataset's file without a checksum is of
   * an early build.
   */
  boolean isContent(String kind, String name, String sha256, Checksum checksum) {
    return kind.equals(FileStores.DATASETS)
        ? checksums.getOrDefault(name, Set.of(checksum)).contains(checksum)
        : name.equals(sha256);
  }

  /** The same of a stored file. */
  boolean isContent(String kind, String name, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return isContent(kind, name, Sha256.of(in), Checksum.of(file));
    }
  }
}
