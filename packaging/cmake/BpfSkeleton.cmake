# bpf_skeleton(NAME FILE.bpf.c): compiles one BPF object and generates <NAME>.skel.h, which
# programs include as "bpf/<NAME>.skel.h". The target is <NAME>_skel.
find_program(BPF_CLANG NAMES clang-16 clang REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip-16 llvm-strip REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin REQUIRED)

function(bpf_skeleton name source)
  set(dir ${CMAKE_BINARY_DIR}/bpf)
  set(object ${dir}/${name}.bpf.o)
  set(header ${dir}/${name}.skel.h)
  file(MAKE_DIRECTORY ${dir})
  get_filename_component(source ${source} ABSOLUTE)
  add_custom_command(
    OUTPUT ${header} ${object}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Werror -Wno-unused-parameter
            -D__TARGET_ARCH_x86
            -I${CMAKE_SOURCE_DIR} -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -MD -MT ${header} -MF ${object}.d -c ${source} -o ${object}
    COMMAND ${BPF_STRIP} -g ${object}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${name} > ${header}
    DEPENDS ${source} DEPFILE ${object}.d
    COMMENT "BPF ${name}" VERBATIM)
  add_custom_target(${name}_bpf DEPENDS ${header})
  add_library(${name}_skel INTERFACE)
  add_dependencies(${name}_skel ${name}_bpf)
  target_include_directories(${name}_skel SYSTEM INTERFACE ${CMAKE_BINARY_DIR})
  target_link_libraries(${name}_skel INTERFACE PkgConfig::LIBBPF)
endfunction()
