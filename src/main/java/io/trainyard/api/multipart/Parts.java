package io.trainyard.api.multipart;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.SchemaHints;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The parts of a multipart body, as files or fields; each name at most once. */
public final class Parts implements AutoCloseable {
  private static final int MAX_JSON = 64 << 20;

  private final Map<String, Part> parts;
  private final SpoolFolder spool;
  private final List<Path> files = new ArrayList<>();

  private Parts(Map<String, Part> parts, SpoolFolder spool) {
    this.parts = parts;
    this.spool = spool;
  }

  /** Reads the parts. Unknown and repeated parts are refused. */
  public static Parts of(HttpServletRequest request, List<String> known, SpoolFolder spool)
      throws IOException {
    Violations violations = new Violations();
    Map<String, Part> parts = new HashMap<>();
    for (Part part : MultipartBody.parts(request)) {
      String name = part.getName();
      if (!known.contains(name)) {
        violations.add(
            Violation.pointer("", name),
            "Unknown part '" + name + "'; known here: " + String.join(", ", known));
      } else if (parts.put(name, part) != null) {
        violations.add(Violation.pointer("", name), "The part '" + name + "' comes twice");
      }
    }
    violations.throwIfAny();
    return new Parts(parts, spool);
  }

  /** A part with JSON. The pointers of its faults start with the part's name. */
  @Nullable
  public JsonNode json(String name) throws IOException {
    Part part = parts.get(name);
    if (part == null) {
      return null;
    }
    try (InputStream in = part.getInputStream()) {
      return SchemaHints.without(BoundedBody.json(in, part.getSize(), MAX_JSON));
    } catch (ServiceException e) {
      String at = Violation.pointer("", name);
      List<Violation> moved =
          e.violations().stream().map(v -> v.moved(place -> at + place)).toList();
      throw new ServiceException(
          e.code() == ErrorCode.MALFORMED_BODY ? ErrorCode.INVALID_BODY : e.code(),
          "In part '" + name + "': " + e.detail(),
          moved.isEmpty() ? List.of(new Violation(at, e.detail())) : moved);
    }
  }

  /** Refuses other parts beside this one. */
  public void requireAlone(String name) {
    Violations violations = new Violations();
    for (String other : parts.keySet()) {
      if (!other.equals(name)) {
        violations.add(
            Violation.pointer("", other),
            "The part '" + name + "' has all; leave '" + other + "' out");
      }
    }
    violations.throwIfAny();
  }

  /** A part as a file, which {@link #close} deletes. */
  @Nullable
  public Path file(String name) throws IOException {
    Part part = parts.get(name);
    if (part == null) {
      return null;
    }
    Path file = spool.newFile();
    files.add(file);
    try (InputStream in = part.getInputStream();
        OutputStream out = spool.write(file)) {
      in.transferTo(out);
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    for (Part part : parts.values()) {
      part.delete();
    }
  }
}
