/**
 * libtorch in the process: loading its libraries, the threads that may use it, native memory,
 * random numbers and tensors. This package doesn't know networks. Start at {@link
 * io.trainyard.engine.natives.ComputeThreads}, whose test also holds {@code ComputeThread} and the
 * settings of {@code NativeLibraries} and {@code Libc}. {@code LayersTest} holds {@code
 * TensorConversion}, {@code RepeatabilityTest} holds {@code RandomSource}, {@code LeakTest} and
 * {@code NativeMemoryTest} hold {@code NativeHandles} and {@code NativeMemory}.
 *
 * <p>Classes without a test of their name are held: {@code UnpackedLibraries} by {@code
 * FirstStartIT}.
 */
@NullMarked
package io.trainyard.engine.natives;

import org.jspecify.annotations.NullMarked;
