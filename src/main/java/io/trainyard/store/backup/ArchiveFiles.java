package io.trainyard.store.backup;

import io.trainyard.os.HeldFile;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.StoredFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The files that rows name, by kind. */
final class ArchiveFiles {
  private static final Pattern NAME =
      Pattern.compile("[0-9a-f]{64}(\\.(parquet|content|rejects))?");

  private final Map<String, Set<String>> names = new LinkedHashMap<>();

  ArchiveFiles() {
    FileStores.KINDS.forEach(kind -> names.put(kind, new LinkedHashSet<>()));
  }

  /** Notes the files that a row names. */
  void collect(String table, JsonNode row) {
    switch (table) {
      case "model_versions" -> add(FileStores.WEIGHTS, row.path("weights_sha256").asString(""));
      case "checkpoints" -> add(FileStores.CHECKPOINTS, row.path("sha256").asString(""));
      case "dataset_versions" -> {
        String digest = row.path("digest").asString("");
        List.of(".parquet", ".content", ".rejects")
            .forEach(suffix -> add(FileStores.DATASETS, digest + suffix));
      }
      default -> {}
    }
  }

  private void add(String kind, String name) {
    Set<String> ofKind = names.get(kind);
    if (ofKind != null && isName(name)) {
      ofKind.add(name);
    }
  }

  /** Whether a file of an archive may have this name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  Collection<String> of(String kind) {
    return names.getOrDefault(kind, Set.of());
  }

  /** A stored file; empty if there is none, as for rejects of an upload without any. */
  static Optional<HeldFile> hold(StoredFiles files, String name) throws IOException {
    try {
      HeldFile file = files.hold(name);
      if (Files.exists(file.path())) {
        return Optional.of(file);
      }
      file.close();
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
