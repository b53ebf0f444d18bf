package io.trainyard.api.model;

import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionImport;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A version as a ZIP archive: {@code version.json} with its spec, encoding, metrics and where it
 * came from, and {@code weights}, a safetensors or ONNX file.
 */
final class VersionArchive {
  static final String MEDIA_TYPE = "application/zip";
  private static final String FORMAT = "trainyard-version";
  private static final int FORMAT_VERSION = 1;
  private static final String HEAD = "version.json";
  private static final String WEIGHTS = "weights";
  private static final String TABLE = "table";
  private static final int MOST_JSON = 64 << 20;

  /** Weights hardly shrink: what grows more is made to fill the disk. */
  private static final long MOST_GROWTH = 20;

  private static final long SMALL = 1 << 20;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private VersionArchive() {}

  static void write(ModelVersion version, Path weights, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
    zip.putNextEntry(new ZipEntry(HEAD));
    zip.write(MAPPER.writeValueAsBytes(head(version)));
    zip.closeEntry();
    zip.setLevel(Deflater.NO_COMPRESSION);
    zip.putNextEntry(new ZipEntry(WEIGHTS));
    long _ = Files.copy(weights, zip);
    zip.closeEntry();
    zip.finish();
    zip.flush();
  }

  private static ObjectNode head(ModelVersion version) {
    ObjectNode head =
        JsonNodeFactory.instance
            .objectNode()
            .put("format", FORMAT)
            .put("format_version", FORMAT_VERSION)
            .put("model", version.model())
            .put("version", version.version())
            .put("created_at", version.createdAt().toString())
            .put("weights_sha256", version.weights().sha256());
    head.set("spec", version.spec());
    head.set("encoding", version.encoding());
    head.set("metrics", version.metrics());
    if (version.provenance().table() != null) {
      head.set(TABLE, version.provenance().table().toJson());
    }
    return head;
  }

  /** Reads an archive; its weights are a file while the import runs. */
  static ModelVersion read(
      Path archive, SpoolFolder spool, Function<VersionImport.Exported, ModelVersion> publish)
      throws IOException {
    Path weights = spool.newFile();
    try {
      return publish.apply(read(archive, weights, spool));
    } catch (ZipException | EOFException e) {
      throw refused("It is damaged: " + e.getMessage());
    } catch (IOException e) {
      if (!"Push back buffer is full".equals(e.getMessage())) {
        throw e;
      }
      // What the JDK says where an entry's bytes end before the entry does.
      throw refused("It is damaged: an entry does not end where its bytes do");
    } finally {
      Files.deleteIfExists(weights);
    }
  }

  private static VersionImport.Exported read(Path archive, Path weights, SpoolFolder spool)
      throws IOException {
    JsonNode head = null;
    boolean hasWeights = false;
    long left = Math.max(SMALL, MOST_GROWTH * Files.size(archive));
    try (ZipInputStream zip =
        new ZipInputStream(Files.newInputStream(archive), StandardCharsets.UTF_8)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        switch (entry.getName()) {
          case HEAD -> head = json(zip.readNBytes(MOST_JSON));
          case WEIGHTS -> {
            copy(zip, weights, spool, left);
            hasWeights = true;
          }
          default -> throw refused("It has an unknown entry '" + entry.getName() + "'");
        }
      }
    }
    if (head == null || !hasWeights) {
      throw refused("It lacks " + HEAD + " or " + WEIGHTS + ", as `GET …/archive` writes them");
    }
    if (!head.path("format").asString("").equals(FORMAT)
        || head.path("format_version").asInt(0) > FORMAT_VERSION) {
      throw refused("Its format is unknown, or of a newer release");
    }
    return new VersionImport.Exported(
        head.path("spec"),
        given(head.path("encoding")),
        metrics(head),
        weights,
        TableFacts.fromJson(head.path(TABLE)));
  }

  private static @Nullable JsonNode given(JsonNode node) {
    return node.isObject() ? node : null;
  }

  private static JsonNode metrics(JsonNode head) {
    JsonNode metrics = head.path("metrics");
    return metrics.isObject() ? metrics : JsonNodeFactory.instance.objectNode();
  }

  private static JsonNode json(byte[] bytes) {
    try (InputStream in = new ByteArrayInputStream(bytes)) {
      return MAPPER.readTree(in);
    } catch (JacksonException | IOException e) {
      throw refused(HEAD + " is no JSON");
    }
  }

  private static void copy(InputStream in, Path file, SpoolFolder spool, long limit)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = limit;
    try (OutputStream out = spool.write(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        left -= read;
        if (left < 0) {
          throw refused("Its weights are much larger than the archive");
        }
        out.write(buffer, 0, read);
      }
    }
  }

  private static ServiceException refused(String reason) {
    return ServiceException.invalid("/archive", reason);
  }
}
