package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One connection to a host, with the memory for its tensors. One thread uses it at a time. */
final class Lane implements AutoCloseable {
  private static final long LEAST = 64 << 10;

  /** Memory that a large request took is given back after it. */
  private static final long MOST_KEPT = 4 << 20;

  private final SocketChannel socket;
  private final Path folder;
  private @Nullable SharedTensors memory;
  private SharedTensors.@Nullable Shared file;

  /**
   * @param folder for tensors where the system has no memory for files
   */
  Lane(SocketChannel socket, Path folder) {
    this.socket = socket;
    this.folder = folder;
  }

  /**
   * Memory for a request.
   *
   * @return it, until the next request
   * @throws ServiceException UNAVAILABLE when there is no room for it
   */
  SharedTensors memory(long bytes) {
    SharedTensors now = memory;
    if (now != null && now.bytes() >= bytes) {
      return now;
    }
    free();
    try {
      SharedTensors.Shared made = SharedTensors.file(size(bytes), folder);
      file = made;
      SharedTensors mapped = SharedTensors.map(made);
      memory = mapped;
      return mapped;
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "There is no room for what is shared with the process that computes files",
          e);
    }
  }

  /** Small memory grows rarely; large is given back soon. */
  private static long size(long bytes) {
    return bytes > MOST_KEPT / 2 ? bytes : Math.max(LEAST, Long.highestOneBit(bytes) * 2);
  }

  /** The file of memory that the host does not know yet; empty when it does. */
  String newFile() {
    return file == null ? "" : file.path().toString();
  }

  /** Sends a request and waits for its answer. */
  HostMessage call(HostMessage request) throws IOException {
    boolean answered = false;
    try {
      HostMessage.write(socket, request);
      HostMessage answer = HostMessage.read(socket);
      answered = true;
      forgetFile();
      return answer;
    } finally {
      if (!answered) {
        disconnect(); // a late answer would be taken for that of the next request
      }
    }
  }

  /** Asks the host to end the present run. */
  void stop(boolean wanted) {
    SharedTensors now = memory;
    if (now != null) {
      now.stop(wanted);
    }
  }

  /** Ends a request: its tensors are no longer read. */
  void finish() {
    if (memory != null && memory.bytes() > MOST_KEPT) {
      free();
    }
  }

  private void free() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
    forgetFile();
  }

  /** Both processes have mapped it, or never will. */
  private void forgetFile() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        file.path().toFile().deleteOnExit();
      }
      file = null;
    }
  }

  /** Frees its memory, which stays mapped otherwise. Must not run beside a request. */
  @Override
  public void close() {
    free();
    disconnect();
  }

  /** Ends the connection, also beside a request, which fails then. */
  void disconnect() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
