#include <ncurses.h>
int main(void) { return 0; }
