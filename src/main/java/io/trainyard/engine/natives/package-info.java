/**
 * libtorch in the process: loading its libraries, the threads that may use it, native memory,
 * random numbers and tensors. This package doesn't know networks. Start at {@link
 * io.trainyard.engine.natives.ComputeThreads}, whose test also covers {@code ComputeThread} and the
 * settings of {@code NativeLibraries} and {@code Libc}.
 */
@NullMarked
package io.trainyard.engine.natives;

import org.jspecify.annotations.NullMarked;
