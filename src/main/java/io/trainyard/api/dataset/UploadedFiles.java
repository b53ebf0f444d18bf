package io.trainyard.api.dataset;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.SchemaHints;
import io.trainyard.api.multipart.MultipartBody;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The files of a multipart upload, and its part {@code options}. */
final class UploadedFiles implements AutoCloseable {
  private static final int MAX_OPTIONS = 1 << 20;
  private static final int MAX_FILES = 1000;

  private final List<Part> all;
  private final List<Part> files = new ArrayList<>();
  private final List<InputStream> streams = new ArrayList<>();
  private @Nullable Part options;

  private UploadedFiles(List<Part> all) {
    this.all = all;
  }

  static UploadedFiles of(HttpServletRequest request) throws IOException {
    List<Part> parts = MultipartBody.parts(request);
    UploadedFiles uploaded = new UploadedFiles(parts);
    for (Part part : parts) {
      if (part.getName().equals("options")) {
        if (uploaded.options != null) {
          throw ServiceException.invalid("/options", "The part 'options' comes twice");
        }
        uploaded.options = part;
      } else if (part.getSubmittedFileName() != null) {
        uploaded.files.add(part);
      } else if (!part.getName().equals("name")) {
        throw ServiceException.invalid(
            Violation.pointer("", part.getName()),
            "Unknown part '" + part.getName() + "': files and 'options' are known");
      }
    }
    if (uploaded.files.isEmpty() || uploaded.files.size() > MAX_FILES) {
      throw ServiceException.invalid(
          "/file", "From 1 to " + MAX_FILES + " files were expected, got " + uploaded.files.size());
    }
    if (uploaded.files.size() > 1) {
      uploaded.checkNames();
    }
    return uploaded;
  }

  /** The names of several files become columns, and files of the archive that keeps their bytes. */
  private void checkNames() {
    Violations violations = new Violations();
    Set<String> seen = new HashSet<>();
    for (Part file : files) {
      String name = file.getName();
      String pointer = Violation.pointer("", name);
      if (!seen.add(name)) {
        violations.add(pointer, "Several files have the name '" + name + "'; each is a column");
      } else if (name.contains("/") || name.contains("\\")) {
        violations.add(
            pointer, "The name '" + name + "' is a path; a name without slashes was expected");
      }
    }
    violations.throwIfAny();
  }

  /** The upload; the dataset's name is in the query or in the options. */
  Upload upload(@Nullable String name) throws IOException {
    Violations violations = new Violations();
    IngestOptions read = IngestOptions.DEFAULT;
    String own = null;
    if (options != null) {
      JsonObject members = JsonObject.of(json(options), "/options", violations);
      own = members.text("name");
      read = IngestOptionsReader.read(members, violations);
    }
    violations.throwIfAny();
    String chosen = name != null ? name : own;
    if (chosen == null) {
      throw ServiceException.parameter("The parameter 'name' is required");
    }
    Upload.Format format = format(files.getFirst());
    IngestOptionsReader.check(read, format);
    for (Part file : files) {
      if (format(file) != format || (files.size() > 1 && format != Upload.Format.NPY)) {
        throw ServiceException.invalid(
            "/" + file.getName(), "Several files make one dataset only if all are NPY");
      }
    }
    List<Upload.Part> parts = new ArrayList<>();
    for (Part file : files) {
      InputStream in = file.getInputStream();
      streams.add(in);
      parts.add(new Upload.Part(file.getName(), in, file.getSize()));
    }
    return new Upload(chosen, format, read, parts);
  }

  private static JsonNode json(Part options) throws IOException {
    byte[] bytes;
    try (InputStream in = options.getInputStream()) {
      bytes = BoundedBody.read(in, options.getSize(), MAX_OPTIONS);
    }
    try {
      return SchemaHints.without(StrictJson.parse(bytes));
    } catch (ServiceException e) {
      throw ServiceException.invalid("/options", "The part 'options' is not JSON: " + e.detail());
    }
  }

  /** By the part's media type, else by the file ending. */
  private static Upload.Format format(Part file) {
    String type = String.valueOf(file.getContentType()).replaceAll(";.*", "").strip();
    for (Upload.Format format : Upload.Format.values()) {
      if (format.mediaType().equals(type)) {
        return format;
      }
    }
    String name = String.valueOf(file.getSubmittedFileName()).toLowerCase(Locale.ROOT);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "csv" -> Upload.Format.CSV;
      case "tsv" -> Upload.Format.TSV;
      case "json" -> Upload.Format.JSON;
      case "ndjson", "jsonl" -> Upload.Format.NDJSON;
      case "parquet" -> Upload.Format.PARQUET;
      case "npy" -> Upload.Format.NPY;
      case "zip" -> Upload.Format.IMAGES;
      default ->
          throw new ServiceException(
              ErrorCode.UNSUPPORTED_MEDIA_TYPE,
              "The part '"
                  + file.getName()
                  + "' has the media type '"
                  + type
                  + "' and an unknown file ending");
    };
  }

  @Override
  public void close() throws IOException {
    for (InputStream stream : streams) {
      stream.close();
    }
    for (Part part : all) {
      part.delete();
    }
  }
}
