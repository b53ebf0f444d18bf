package io.trainyard.dataset;

import java.io.InputStream;
import java.util.List;

/**
 * The files of one upload, which become one dataset version.
 *
 * @param parts one file, or several NPY files that become one column each
 */
public record Upload(String name, Format format, IngestOptions options, List<Part> parts) {
  public Upload {
    parts = List.copyOf(parts);
  }

  /**
   * One file; the caller closes the stream.
   *
   * @param length the announced number of bytes, or -1
   */
  public record Part(String name, InputStream body, long length) {
    public Part(String name, InputStream body) {
      this(name, body, -1);
    }
  }

  /** The format of the files. */
  public enum Format {
    CSV("text/csv"),
    TSV("text/tab-separated-values"),
    JSON("application/json"),
    NDJSON("application/x-ndjson"),
    PARQUET("application/vnd.apache.parquet"),
    NPY("application/x-npy"),
    /** A zipped folder of images, one folder per class. */
    IMAGES("application/zip");

    private final String mediaType;

    Format(String mediaType) {
      this.mediaType = mediaType;
    }

    public String mediaType() {
      return mediaType;
    }
  }
}
