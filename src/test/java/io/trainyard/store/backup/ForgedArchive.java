package io.trainyard.store.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Archives in which somebody changed entries, and their lines in the manifest. */
public final class ForgedArchive {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String MANIFEST = "manifest.json";

  private ForgedArchive() {}

  /** Changes the entries whose names begin in a way; each byte is a character. */
  static byte[] of(byte[] archive, String entry, UnaryOperator<String> change) throws IOException {
    return of(archive, entry, entry, change);
  }

  /** The same, with another beginning of these names. */
  static byte[] of(byte[] archive, String entry, String renamed, UnaryOperator<String> change)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    boolean found = false;
    for (Map.Entry<String, byte[]> each : entries(archive).entrySet()) {
      String name = each.getKey();
      if (name.startsWith(entry)) {
        found = true;
        String text = change.apply(new String(each.getValue(), StandardCharsets.ISO_8859_1));
        entries.put(
            renamed + name.substring(entry.length()), text.getBytes(StandardCharsets.ISO_8859_1));
      } else {
        entries.put(name, each.getValue());
      }
    }
    assertThat(found).as(entry).isTrue();
    return write(entries);
  }

  /** The entries of an archive, in their order, without its manifest. */
  public static Map<String, byte[]> entries(byte[] archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry next = zip.getNextEntry(); next != null; next = zip.getNextEntry()) {
        entries.put(next.getName(), zip.readAllBytes());
      }
    }
    entries.remove(MANIFEST);
    return entries;
  }

  /** An archive of entries, with a manifest that fits. */
  public static byte[] write(Map<String, byte[]> entries) throws IOException {
    ObjectNode manifest = MAPPER.createObjectNode();
    ArrayNode listed = manifest.putArray("entries");
    var out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        put(zip, each.getKey(), each.getValue());
        listed
            .addObject()
            .put("name", each.getKey())
            .put("bytes", each.getValue().length)
            .put("sha256", sha256(each.getValue()));
      }
      put(zip, MANIFEST, MAPPER.writeValueAsBytes(manifest));
    }
    return out.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes);
    zip.closeEntry();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
